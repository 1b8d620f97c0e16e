//! Asking a gateway what became of a refund.

use kernel::{Origin, Progress, StoreError, id::ids::RefundId};

use super::{Billing, refund_steps::Held};
use crate::{
    ports::{
        BillingTx, PaymentGateway,
        gateway::{GatewayReport, PaymentReferences, QueryOutcome, ReportedAmount, ReportedStatus},
    },
    reason::FailureReason,
    refund::{Refund, RefundStatus, RefundWay},
    task::TaskKind,
    verdict::amount_agrees,
};

impl Billing {
    /// Asks the gateway what became of a refund, and waits while it does not say. One that has ended is asked
    /// about as well: a person may have said something else than the gateway does.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_refund(&self, origin: &Origin, id: RefundId) -> Result<Progress, StoreError> {
        let refund = self.reads.refund(id).await?.filter(may_be_asked_about);
        let Some(refund) = refund else {
            return Ok(Progress::Done);
        };
        let Some(payment) = self.reads.payment(refund.payment_id).await? else {
            return Ok(Progress::Done);
        };
        let Some(gateway) = self.gateways.named(&payment.gateway) else {
            return Ok(Progress::Waits(format!("gateway {} is not set up", payment.gateway)));
        };
        let answer = ask(gateway.as_ref(), &refund).await;
        let amount_omitted = !gateway.capabilities().callback_has_amount;
        let mut tx = self.store.begin().await?;
        let Some(mut held) = self.lock_refund(tx.as_mut(), id).await? else {
            return Ok(Progress::Done);
        };
        let progress = self.take_answer(tx.as_mut(), origin, &mut held, answer, amount_omitted).await?;
        tx.commit().await?;
        Ok(progress)
    }

    async fn take_answer(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        held: &mut Held,
        answer: QueryOutcome,
        amount_omitted: bool,
    ) -> Result<Progress, StoreError> {
        match (held.refund.status, answer) {
            (_, QueryOutcome::Unreachable(why)) => Ok(Progress::Waits(why)),
            (RefundStatus::Pending | RefundStatus::Unknown, QueryOutcome::Report(report)) => {
                self.follow(tx, origin, held, &report, amount_omitted).await
            }
            (RefundStatus::Success | RefundStatus::Failed, QueryOutcome::Report(report)) => {
                self.hold_against(tx, origin, held, &report).await
            }
            (RefundStatus::Unknown, QueryOutcome::NotFound) => {
                let why = (FailureReason::NeverReceived.as_str(), None);
                self.refund_failed(tx, origin, held, why).await?;
                Ok(Progress::Done)
            }
            // It has taken it and does not tell: a person has to find out.
            (RefundStatus::Pending, QueryOutcome::NotFound | QueryOutcome::Unsupported) => {
                let Held { payment, refund, .. } = held;
                let message = format!("the gateway does not know refund {} of {}", refund.id, refund.amount);
                self.call_a_person(tx, origin, payment, TaskKind::RefundUnknown, message).await?;
                Ok(Progress::waits("the gateway has taken it and does not know it"))
            }
            (..) => Ok(Progress::Done),
        }
    }

    /// Does what the gateway says of a refund on its way. Of a success it has to say how much, if it ever does: another
    /// amount, or none, is for a person.
    async fn follow(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        held: &mut Held,
        report: &GatewayReport,
        amount_omitted: bool,
    ) -> Result<Progress, StoreError> {
        let Held { payment, refund, .. } = &mut *held;
        match report.status {
            ReportedStatus::Succeeded if !amount_agrees(refund.amount, &report.amount, amount_omitted) => {
                let amount = if is_another_amount(report, refund) { "another amount" } else { "no amount" };
                let message = format!(
                    "refund {} of {} was paid out, says the gateway, and tells {amount}",
                    refund.id, refund.amount
                );
                self.call_a_person(tx, origin, payment, TaskKind::RefundContradicted, message).await?;
                if refund.status == RefundStatus::Pending {
                    self.step_refund(tx, origin, refund, RefundStatus::Unknown, "amount_mismatch").await?;
                }
                return Ok(Progress::Done);
            }
            ReportedStatus::Succeeded => {
                let why = ("confirmed_by_gateway", None);
                self.paid_back(tx, origin, held, why).await?;
            }
            ReportedStatus::Failed(reason) => {
                self.refund_failed(tx, origin, held, (reason.as_str(), None)).await?;
            }
            ReportedStatus::Pending => {
                if refund.status == RefundStatus::Unknown {
                    self.step_refund(tx, origin, refund, RefundStatus::Pending, "confirmed_pending").await?;
                }
                return Ok(Progress::waits("it is not decided"));
            }
        }
        Ok(Progress::Done)
    }

    /// Holds what was written down of a refund that has ended against what the gateway says.
    async fn hold_against(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        Held { payment, refund, .. }: &Held,
        report: &GatewayReport,
    ) -> Result<Progress, StoreError> {
        let said = match (refund.status, &report.status) {
            (RefundStatus::Failed, ReportedStatus::Succeeded) => "was paid out after all",
            (RefundStatus::Success, ReportedStatus::Failed(_)) => "was not paid out",
            (RefundStatus::Success, ReportedStatus::Succeeded) if is_another_amount(report, refund) => {
                "was paid out with another amount"
            }
            (_, ReportedStatus::Pending) => return Ok(Progress::waits("it is not decided")),
            (..) => return Ok(Progress::Done),
        };
        let message = format!("refund {} of {} {said}, says the gateway", refund.id, refund.amount);
        self.call_a_person(tx, origin, payment, TaskKind::RefundContradicted, message).await?;
        Ok(Progress::Done)
    }
}

fn may_be_asked_about(refund: &Refund) -> bool {
    use RefundStatus::{Failed, Pending, Success, Unknown};
    refund.way == RefundWay::Gateway && matches!(refund.status, Pending | Unknown | Success | Failed)
}

fn is_another_amount(report: &GatewayReport, refund: &Refund) -> bool {
    matches!(report.amount, ReportedAmount::Read(amount) if amount != refund.amount)
}

async fn ask(gateway: &dyn PaymentGateway, refund: &Refund) -> QueryOutcome {
    let (reference, provider_ref) = (refund.reference, refund.provider_ref.clone());
    gateway.query_refund(&PaymentReferences { reference, provider_ref }).await
}
