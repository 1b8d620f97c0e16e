//! Handing a refund to its gateway, and asking what became of it. As with payments, whoever is found between claim and
//! answer may or may not have sent it: only a gateway that recognises repeats is asked twice.

use chrono::Duration;
use kernel::{NewJob, Origin, StoreError, id::ids::RefundId};

use super::{Billing, submit_payment::Submission};
use crate::{
    jobs::CheckRefund,
    order::Order,
    payment::Payment,
    ports::{
        BillingTx, PaymentGateway,
        gateway::{InitiateOutcome, PaymentReferences, QueryOutcome, RefundRequest, ReportedStatus},
    },
    reason::FailureReason,
    refund::{Refund, RefundStatus},
    task::TaskKind,
};

/// How long a request whose answer was lost may still be on its way: only then is it asked about, as its gateway may not
/// know it yet.
const ON_ITS_WAY: Duration = Duration::minutes(1);

/// A refund with what it is locked under.
type Held = (Order, Payment, Refund);

impl Billing {
    /// Submits an approved refund. One that was submitted before is left alone, except that a claim without an answer
    /// becomes `unknown`, or is repeated where the gateway recognises repeats.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn submit_refund(&self, origin: &Origin, id: RefundId) -> Result<Submission, StoreError> {
        let mut tx = self.store.begin().await?;
        let Some((_, payment, refund)) = self.lock_refund(tx.as_mut(), id).await? else {
            return Ok(Submission::Done);
        };
        let Some(gateway) = self.gateways.named(&payment.gateway) else {
            return Ok(Submission::NotSent(format!("gateway {} is not set up", payment.gateway)));
        };
        let is_repeat = match refund.status {
            RefundStatus::Approved => {
                self.step_refund(tx.as_mut(), origin, &refund, RefundStatus::Submitting, "submit").await?;
                tx.commit().await?;
                false
            }
            RefundStatus::Submitting if gateway.capabilities().idempotent_initiate => true,
            RefundStatus::Submitting => {
                // Whoever held the claim has been gone for a whole lease: what the gateway says now is settled.
                let why = ("submission_interrupted", Duration::zero());
                self.lose_sight(tx.as_mut(), origin, &payment, &refund, why).await?;
                tx.commit().await?;
                return Ok(Submission::Done);
            }
            _ => return Ok(Submission::Done),
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
    ) -> Result<Submission, StoreError> {
        let mut tx = self.store.begin().await?;
        let Some((_, payment, refund)) = self.lock_refund(tx.as_mut(), id).await? else {
            return Ok(Submission::Done);
        };
        if refund.status != RefundStatus::Submitting {
            return Ok(Submission::Done);
        }
        let mut submission = Submission::Done;
        match outcome {
            InitiateOutcome::Accepted { provider_ref } => {
                if let Some(provider_ref) = provider_ref {
                    tx.learn_refund_ref(id, &provider_ref).await?;
                }
                self.step_refund(tx.as_mut(), origin, &refund, RefundStatus::Pending, "accepted").await?;
                self.enqueue(tx.as_mut(), origin, &CheckRefund { refund_id: id }).await?;
            }
            InitiateOutcome::Rejected(refusal) if is_repeat => {
                tracing::warn!(refund = %id, reason = refusal.reason.as_str(), "a repeat of a refund was refused");
                let why = ("repeat_refused", ON_ITS_WAY);
                self.lose_sight(tx.as_mut(), origin, &payment, &refund, why).await?;
            }
            InitiateOutcome::Rejected(refusal) => {
                let said = refusal.detail.as_deref().unwrap_or("no more than that");
                tracing::warn!(refund = %id, reason = refusal.reason.as_str(), said, "the gateway refused a refund");
                let why = (refusal.reason.as_str(), refusal.detail.clone());
                self.not_paid_back(tx.as_mut(), origin, &payment, &refund, why).await?;
            }
            InitiateOutcome::Unknown(seen) => {
                tracing::warn!(refund = %id, %seen, "nobody knows whether the gateway took the refund");
                let why = ("no_answer", ON_ITS_WAY);
                self.lose_sight(tx.as_mut(), origin, &payment, &refund, why).await?;
            }
            InitiateOutcome::NotSent(why) => {
                if !is_repeat {
                    // Taking the claim back is safe: nothing has left this machine.
                    let to = RefundStatus::Approved;
                    self.step_refund(tx.as_mut(), origin, &refund, to, "not_sent").await?;
                }
                submission = Submission::NotSent(why);
            }
        }
        tx.commit().await?;
        Ok(submission)
    }

    /// Nobody knows whether a refund was paid out: its gateway is asked, and a person looks.
    async fn lose_sight(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        payment: &Payment,
        refund: &Refund,
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

    /// Asks the gateway what became of a refund; the reason to ask again later, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_refund(&self, origin: &Origin, id: RefundId) -> Result<Option<String>, StoreError> {
        let Some(refund) = self.reads.refund(id).await? else {
            return Ok(None);
        };
        let (RefundStatus::Pending | RefundStatus::Unknown) = refund.status else {
            return Ok(None);
        };
        let Some(payment) = self.reads.payment(refund.payment_id).await? else {
            return Ok(None);
        };
        let Some(gateway) = self.gateways.named(&payment.gateway) else {
            return Ok(Some(format!("gateway {} is not set up", payment.gateway)));
        };
        let answer = ask(gateway.as_ref(), &refund).await;
        let mut tx = self.store.begin().await?;
        let Some(held) = self.lock_refund(tx.as_mut(), id).await? else {
            return Ok(None);
        };
        let again = self.take_answer(tx.as_mut(), origin, &held, answer).await?;
        tx.commit().await?;
        Ok(again)
    }

    async fn take_answer(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        (order, payment, refund): &Held,
        answer: QueryOutcome,
    ) -> Result<Option<String>, StoreError> {
        let (RefundStatus::Pending | RefundStatus::Unknown) = refund.status else {
            return Ok(None);
        };
        let report = match answer {
            QueryOutcome::Report(report) => report,
            QueryOutcome::Unreachable(why) => return Ok(Some(why)),
            // A person decides.
            QueryOutcome::Unsupported => return Ok(None),
            QueryOutcome::NotFound if refund.status == RefundStatus::Unknown => {
                let why = (FailureReason::NeverReceived.as_str(), None);
                self.not_paid_back(tx, origin, payment, refund, why).await?;
                return Ok(None);
            }
            QueryOutcome::NotFound => {
                return Ok(Some("the gateway has taken it and does not know it".to_owned()));
            }
        };
        match report.status {
            ReportedStatus::Succeeded => {
                let why = ("confirmed_by_gateway", None);
                self.paid_back(tx, origin, (order, payment), refund, why).await?;
            }
            ReportedStatus::Failed(reason) => {
                self.not_paid_back(tx, origin, payment, refund, (reason.as_str(), None)).await?;
            }
            ReportedStatus::Pending => {
                if refund.status == RefundStatus::Unknown {
                    self.step_refund(tx, origin, refund, RefundStatus::Pending, "confirmed_pending").await?;
                }
                return Ok(Some("it is not decided".to_owned()));
            }
        }
        Ok(None)
    }
}

async fn ask(gateway: &dyn PaymentGateway, refund: &Refund) -> QueryOutcome {
    let (reference, provider_ref) = (refund.reference, refund.provider_ref.clone());
    gateway.query_refund(&PaymentReferences { reference, provider_ref }).await
}
