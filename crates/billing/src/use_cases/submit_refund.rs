//! Handing a refund to its gateway. As with payments, whoever is found between claim and answer may or may not have sent it:
//! only a gateway that recognises repeats is asked twice.

use chrono::Duration;
use kernel::{NewJob, Origin, Progress, StoreError, id::ids::RefundId};

use super::{Billing, refund_steps::Held};
use crate::{
    jobs::CheckRefund,
    ports::{
        BillingTx,
        gateway::{InitiateOutcome, PaymentReferences, RefundRequest},
    },
    refund::RefundStatus,
    task::TaskKind,
};

/// How long a request whose answer was lost may still be on its way: only then is it asked about, as its gateway may not
/// know it yet.
const ON_ITS_WAY: Duration = Duration::minutes(1);

impl Billing {
    /// Submits an approved refund. One that was submitted before is left alone, except that a claim without an answer
    /// becomes `unknown`, or is repeated where the gateway recognises repeats. While the gateway cannot be reached, and nothing was sent, it
    /// waits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn submit_refund(&self, origin: &Origin, id: RefundId) -> Result<Progress, StoreError> {
        let mut tx = self.store.begin().await?;
        let Some(mut held) = self.lock_refund(tx.as_mut(), id).await? else {
            return Ok(Progress::Done);
        };
        let Held { payment, refund, .. } = &mut held;
        let Some(gateway) = self.gateways.named(&payment.gateway) else {
            return Ok(Progress::Waits(format!("gateway {} is not set up", payment.gateway)));
        };
        let is_repeat = match refund.status {
            RefundStatus::Approved => {
                self.step_refund(tx.as_mut(), origin, refund, RefundStatus::Submitting, "submit").await?;
                tx.commit().await?;
                false
            }
            RefundStatus::Submitting if gateway.capabilities().idempotent_initiate => true,
            RefundStatus::Submitting => {
                // Whoever held the claim has been gone for a whole lease: what the gateway says now is settled.
                let why = ("submission_interrupted", Duration::zero());
                self.lose_sight(tx.as_mut(), origin, &mut held, why).await?;
                tx.commit().await?;
                return Ok(Progress::Done);
            }
            _ => return Ok(Progress::Done),
        };
        let request = RefundRequest {
            reference: refund.reference,
            payment: PaymentReferences {
                reference: payment.reference,
                provider_ref: payment.provider_ref.clone(),
            },
            amount: refund.amount,
        };
        let outcome = gateway.refund(&request).await;
        self.record_refund_outcome(origin, id, outcome, is_repeat).await
    }

    /// Writes down what was heard. That a repeat was refused says nothing of the request that it repeats.
    async fn record_refund_outcome(
        &self,
        origin: &Origin,
        id: RefundId,
        outcome: InitiateOutcome,
        is_repeat: bool,
    ) -> Result<Progress, StoreError> {
        let mut tx = self.store.begin().await?;
        let Some(mut held) = self.lock_refund(tx.as_mut(), id).await? else {
            return Ok(Progress::Done);
        };
        if held.refund.status != RefundStatus::Submitting {
            return Ok(Progress::Done);
        }
        let mut progress = Progress::Done;
        match outcome {
            InitiateOutcome::Accepted { provider_ref } => {
                if let Some(provider_ref) = provider_ref {
                    tx.learn_refund_ref(id, &provider_ref).await?;
                }
                let (refund, to) = (&mut held.refund, RefundStatus::Pending);
                self.step_refund(tx.as_mut(), origin, refund, to, "accepted").await?;
                self.enqueue(tx.as_mut(), origin, &CheckRefund { refund_id: id }).await?;
            }
            InitiateOutcome::Rejected(refusal) if is_repeat => {
                tracing::warn!(refund = %id, reason = refusal.reason.as_str(), "a repeat of a refund was refused");
                let why = ("repeat_refused", ON_ITS_WAY);
                self.lose_sight(tx.as_mut(), origin, &mut held, why).await?;
            }
            InitiateOutcome::Rejected(refusal) => {
                let (reason, said) = (refusal.reason.as_str(), refusal.said());
                tracing::warn!(refund = %id, reason, said, "the gateway refused a refund");
                let why = (reason, refusal.detail.clone());
                self.refund_failed(tx.as_mut(), origin, &mut held, why).await?;
            }
            InitiateOutcome::Unknown(seen) => {
                tracing::warn!(refund = %id, %seen, "nobody knows whether the gateway took the refund");
                let why = ("no_answer", ON_ITS_WAY);
                self.lose_sight(tx.as_mut(), origin, &mut held, why).await?;
            }
            InitiateOutcome::NotSent(why) => {
                if !is_repeat {
                    // Taking the claim back is safe: nothing has left this machine.
                    let (refund, to) = (&mut held.refund, RefundStatus::Approved);
                    self.step_refund(tx.as_mut(), origin, refund, to, "not_sent").await?;
                }
                progress = Progress::Waits(why);
            }
        }
        tx.commit().await?;
        Ok(progress)
    }

    /// Nobody knows whether a refund was paid out: its gateway is asked, and a person looks.
    async fn lose_sight(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        Held { payment, refund, .. }: &mut Held,
        (reason, wait): (&str, Duration),
    ) -> Result<(), StoreError> {
        self.step_refund(tx, origin, refund, RefundStatus::Unknown, reason).await?;
        let message =
            format!("nobody knows whether refund {} of {} was paid out: {reason}", refund.id, refund.amount);
        self.call_a_person(tx, origin, payment, TaskKind::RefundUnknown, message).await?;
        let check =
            NewJob::new(&self.ambient, &CheckRefund { refund_id: refund.id }, origin.request_id.clone())?;
        tx.enqueue(check.not_before(self.ambient.now() + wait)).await
    }
}
