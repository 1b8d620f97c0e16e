//! Looking after one open payment: ask the gateway where that is possible, end it when its time is over.

use kernel::{Origin, StoreError, events::billing::PaymentFailed, id::ids::PaymentId};

use super::Billing;
use crate::{
    payment::{Payment, PaymentStatus, next_check},
    ports::{
        BillingTx,
        gateway::{PaymentReferences, QueryOutcome},
    },
    reason::FailureReason,
    task::TaskKind,
};

/// How a look at a payment went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// Whatever was to be learnt is written down.
    Done,
    /// The gateway could not be reached. The payment is looked at again at its next check.
    Unreachable(String),
    /// The gateway could not be reached, and the payment has no next check, having been given up.
    AskAgain(String),
}

impl Billing {
    /// Looks after one payment. Only ever an improvement: what is known is not forgotten for a worse answer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_payment(&self, origin: &Origin, id: PaymentId) -> Result<Check, StoreError> {
        let Some(payment) = self.reads.payment(id).await? else {
            return Ok(Check::Done);
        };
        if matches!(payment.status, PaymentStatus::Success | PaymentStatus::Held) {
            return Ok(Check::Done);
        }
        let answer = self.ask(&payment).await;
        let mut tx = self.store.begin().await?;
        match answer {
            QueryOutcome::Report(report) => {
                self.apply_report(tx.as_mut(), origin, id, &report).await?;
            }
            // A payment is never ended while its gateway cannot be asked: the answer may be that it succeeded.
            QueryOutcome::Unreachable(why) if PaymentStatus::OPEN.contains(&payment.status) => {
                return Ok(Check::Unreachable(why));
            }
            QueryOutcome::Unreachable(why) => return Ok(Check::AskAgain(why)),
            QueryOutcome::NotFound => self.never_received(tx.as_mut(), origin, id).await?,
            QueryOutcome::Unsupported => {}
        }
        // The lock is taken anew: the answer may be older than what has happened meanwhile.
        if let Some(payment) = self.lock_with_order(tx.as_mut(), id).await? {
            self.end_if_over(tx.as_mut(), origin, &payment).await?;
        }
        tx.commit().await?;
        Ok(Check::Done)
    }

    /// What the payment's gateway says about it. One that was given up is asked about too: it may have succeeded
    /// after all.
    async fn ask(&self, payment: &Payment) -> QueryOutcome {
        if payment.status == PaymentStatus::Created {
            return QueryOutcome::Unsupported;
        }
        let Some(gateway) = self.gateways.named(&payment.gateway) else {
            return QueryOutcome::Unreachable(format!("gateway {} is not set up", payment.gateway));
        };
        let (reference, provider_ref) = (payment.reference, payment.provider_ref.clone());
        gateway.query(&PaymentReferences { reference, provider_ref }).await
    }

    /// The gateway has proved that it never had a payment of which we did not know: the customer may try again.
    /// It is first asked a minute after the payment was sent, so that nothing is on its way any more.
    async fn never_received(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        id: PaymentId,
    ) -> Result<(), StoreError> {
        match self.lock_with_order(tx, id).await? {
            Some(payment) if payment.status == PaymentStatus::Unknown => {
                self.fail(tx, origin, &payment, FailureReason::NeverReceived).await
            }
            _ => Ok(()),
        }
    }

    async fn end_if_over(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        payment: &Payment,
    ) -> Result<(), StoreError> {
        if !PaymentStatus::OPEN.contains(&payment.status) || payment.expires_at > self.ambient.now() {
            return Ok(());
        }
        match payment.status {
            // A claim that nobody holds any more: whoever made it died on the way.
            PaymentStatus::Submitting => {
                self.shift(tx, origin, payment, PaymentStatus::Unknown, "submission_interrupted").await
            }
            PaymentStatus::Unknown => {
                let message = format!("nobody could tell in time what became of payment {}", payment.id);
                self.call_a_person(tx, origin, payment, TaskKind::PaymentUnknown, message).await?;
                self.expire(tx, origin, payment).await
            }
            _ => self.expire(tx, origin, payment).await,
        }
    }

    async fn expire(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        payment: &Payment,
    ) -> Result<(), StoreError> {
        let change = self.change(origin, payment, PaymentStatus::Expired, "window_closed");
        tx.move_payment(&change, false).await?;
        tx.plan_check(payment.id, None, payment.checks).await?;
        let (payment_id, order_id) = (payment.id, payment.order_id);
        let reason = PaymentStatus::Expired.as_str().to_owned();
        self.tell(tx, origin, &PaymentFailed { payment_id, order_id, reason }).await
    }

    /// When a payment that was due is looked at next.
    pub(super) fn later(&self, payment: &Payment) -> Option<kernel::Timestamp> {
        let now = self.ambient.now();
        let regular = next_check(payment.status, payment.checks + 1, now)?;
        // The end of the customer's time is always looked at promptly.
        let end = payment.expires_at;
        Some(if end > now && end < regular { end } else { regular })
    }
}
