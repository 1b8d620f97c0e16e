//! Handing a payment to its gateway: claim it, call, write down what was heard. Between the first and the last
//! the process may die, so that a payment found claimed is one of which nobody knows whether it was sent.

use kernel::{
    Id, Origin, Progress, StoreError,
    events::alert::{AlertRaised, Severity},
    id::ids::PaymentId,
};

use super::Billing;
use crate::{
    jobs::{CheckPayment, ProcessCallback},
    payment::{Payment, PaymentMove, PaymentStatus, Wallet, next_check},
    ports::{
        BillingTx,
        gateway::{Capabilities, InitiateOutcome, InitiateRequest, Refusal},
    },
    reason::FailureReason,
};

impl Billing {
    /// Submits a created payment. One that was submitted before is left alone, except that a claim without an
    /// answer becomes `unknown`, or is repeated where the gateway recognises repeats. While the gateway cannot be reached, and nothing was sent, it
    /// waits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn submit_payment(&self, origin: &Origin, id: PaymentId) -> Result<Progress, StoreError> {
        let Some(payment) = self.reads.payment(id).await? else {
            return Ok(Progress::Done);
        };
        let Some(gateway) = self.gateways.named(&payment.gateway) else {
            return Ok(Progress::Waits(format!("gateway {} is not set up", payment.gateway)));
        };
        let Some(Wallet { phone: Some(phone), operator }) = payment.wallet else {
            return Err(StoreError::corrupt(format!("payment {id} names no wallet to be asked")));
        };
        let Some(payment) = self.claim_for_submission(origin, id, gateway.capabilities()).await? else {
            return Ok(Progress::Done);
        };
        let (reference, amount) = (payment.reference, payment.amount);
        let request = InitiateRequest { reference, phone, operator, amount };
        let outcome = gateway.initiate(&request).await;
        // The payment is as it was found: claimed already, when somebody has died over it.
        let is_repeat = payment.status == PaymentStatus::Submitting;
        self.record_outcome(origin, id, outcome, is_repeat).await
    }

    /// The payment, if it is to be sent now.
    async fn claim_for_submission(
        &self,
        origin: &Origin,
        id: PaymentId,
        gateway: Capabilities,
    ) -> Result<Option<Payment>, StoreError> {
        let mut tx = self.store.begin().await?;
        let Some(payment) = self.lock_with_order(tx.as_mut(), id).await? else {
            return Ok(None);
        };
        match payment.status {
            PaymentStatus::Created => {
                self.shift(tx.as_mut(), origin, &payment, PaymentStatus::Submitting, "submit").await?;
                tx.commit().await?;
                Ok(Some(payment))
            }
            PaymentStatus::Submitting if gateway.idempotent_initiate => Ok(Some(payment)),
            PaymentStatus::Submitting => {
                self.shift(tx.as_mut(), origin, &payment, PaymentStatus::Unknown, "submission_interrupted")
                    .await?;
                // Whoever held the claim has been gone for a whole lease: what the gateway says now is settled.
                if gateway.status_query {
                    self.enqueue(tx.as_mut(), origin, &CheckPayment { payment_id: id }).await?;
                }
                tx.commit().await?;
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Writes down what was heard. That a repeat was refused, or did not reach the gateway, says nothing of the
    /// request that it repeats: that one may have been taken, and the customer may be paying at this moment.
    async fn record_outcome(
        &self,
        origin: &Origin,
        id: PaymentId,
        outcome: InitiateOutcome,
        is_repeat: bool,
    ) -> Result<Progress, StoreError> {
        let mut tx = self.store.begin().await?;
        let Some(payment) = self.lock_with_order(tx.as_mut(), id).await? else {
            return Ok(Progress::Done);
        };
        let mut progress = Progress::Done;
        // A callback may have been faster than the answer: then the payment has moved on, and the answer only
        // fills in what is missing.
        let waiting = payment.status == PaymentStatus::Submitting;
        match outcome {
            InitiateOutcome::Accepted { provider_ref } => {
                if let Some(provider_ref) = &provider_ref {
                    self.learn_reference(tx.as_mut(), origin, &payment, provider_ref).await?;
                }
                if waiting {
                    self.shift(tx.as_mut(), origin, &payment, PaymentStatus::Pending, "accepted").await?;
                }
            }
            InitiateOutcome::Rejected(refusal) if waiting && is_repeat => {
                let (reason, said) = (refusal.reason.as_str(), refusal.said());
                tracing::warn!(payment = %id, reason, said, "the gateway refused a repeat of a payment it may have");
                self.shift(tx.as_mut(), origin, &payment, PaymentStatus::Unknown, "repeat_refused").await?;
            }
            InitiateOutcome::Rejected(refusal) if waiting => {
                self.refused(tx.as_mut(), origin, &payment, refusal).await?;
            }
            InitiateOutcome::Unknown(seen) if waiting => {
                tracing::warn!(payment = %id, %seen, "nobody knows whether the gateway took the payment");
                self.shift(tx.as_mut(), origin, &payment, PaymentStatus::Unknown, "no_answer").await?;
            }
            // The claim stays: the next attempt is a repeat too.
            InitiateOutcome::NotSent(reason) if waiting && is_repeat => {
                progress = Progress::Waits(reason);
            }
            InitiateOutcome::NotSent(reason) if waiting => {
                // Taking the claim back is safe: nothing has left this machine.
                self.shift(tx.as_mut(), origin, &payment, PaymentStatus::Created, "not_sent").await?;
                progress = Progress::Waits(reason);
            }
            InitiateOutcome::Rejected(_) | InitiateOutcome::Unknown(_) | InitiateOutcome::NotSent(_) => {}
        }
        tx.commit().await?;
        Ok(progress)
    }

    /// The gateway has said no. When it is us that it refuses, every payment fails until a person acts.
    async fn refused(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        payment: &Payment,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        let (reason, said) = (refusal.reason, refusal.said());
        tracing::warn!(payment = %payment.id, reason = reason.as_str(), said, "the gateway refused a payment");
        if reason == FailureReason::GatewayRefusesUs {
            let message = format!("gateway {} refuses the portal itself; it said: {said}", payment.gateway);
            tracing::error!(payment = %payment.id, alert = reason.as_str(), "{message}");
            let alert = AlertRaised {
                subject_id: Id::from_uuid(payment.id.as_uuid()),
                code: reason.as_str().to_owned(),
                severity: Severity::Critical,
                message,
                order_id: Some(payment.order_id),
            };
            self.tell(tx, origin, &alert).await?;
        }
        self.fail(tx, origin, payment, reason).await
    }

    /// Keeps the gateway's name for a payment, and looks again at callbacks that came under it too early. False
    /// when the name belongs to another payment.
    pub(super) async fn learn_reference(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        payment: &Payment,
        provider_ref: &str,
    ) -> Result<bool, StoreError> {
        if payment.provider_ref.is_none()
            && !tx.learn_provider_ref(payment.id, &payment.gateway, provider_ref).await?
        {
            tracing::error!(payment = %payment.id, "the gateway gave this payment another payment's reference");
            return Ok(false);
        }
        let reference = payment.reference.to_string();
        for callback in tx.unmatched_naming(&payment.gateway, &reference, Some(provider_ref)).await? {
            self.enqueue(tx, origin, &ProcessCallback { callback_id: callback }).await?;
        }
        Ok(true)
    }

    /// Locks a payment and, before it, its order.
    pub(super) async fn lock_with_order(
        &self,
        tx: &mut dyn BillingTx,
        id: PaymentId,
    ) -> Result<Option<Payment>, StoreError> {
        let Some(order) = tx.order_of(id).await? else {
            return Ok(None);
        };
        tx.lock_order(order).await?;
        tx.lock_payment(id).await
    }

    /// Moves a locked payment to another open status and plans its next check.
    pub(super) async fn shift(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        payment: &Payment,
        to: PaymentStatus,
        reason: &str,
    ) -> Result<(), StoreError> {
        let change = self.change(origin, payment, to, reason);
        tx.move_payment(&change, false).await?;
        tx.plan_check(payment.id, next_check(to, 0, change.at), 0).await
    }

    /// The move of a payment to a status, now, by whoever asked.
    pub(super) fn change(
        &self,
        origin: &Origin,
        payment: &Payment,
        to: PaymentStatus,
        reason: &str,
    ) -> PaymentMove {
        PaymentMove {
            payment_id: payment.id,
            from: payment.status,
            to,
            reason: reason.to_owned(),
            by: origin.actor.to_string(),
            at: self.ambient.now(),
            evidence: None,
        }
    }
}
