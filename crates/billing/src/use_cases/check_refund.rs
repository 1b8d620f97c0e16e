//! Asking a gateway what became of a refund.

use kernel::{Origin, StoreError, id::ids::RefundId};

use super::Billing;
use crate::{
    order::Order,
    payment::Payment,
    ports::{
        BillingTx, PaymentGateway,
        gateway::{GatewayReport, PaymentReferences, QueryOutcome, ReportedAmount, ReportedStatus},
    },
    reason::FailureReason,
    refund::{Refund, RefundStatus, RefundWay},
    task::TaskKind,
};

/// A refund with what it is locked under.
type Held = (Order, Payment, Refund);

impl Billing {
    /// Asks the gateway what became of a refund; the reason to ask again later, if there is one. One that has ended is asked
    /// about as well: a person may have said something else than the gateway does.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_refund(&self, origin: &Origin, id: RefundId) -> Result<Option<String>, StoreError> {
        let refund = self.reads.refund(id).await?.filter(may_be_asked_about);
        let Some(refund) = refund else {
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
        held: &Held,
        answer: QueryOutcome,
    ) -> Result<Option<String>, StoreError> {
        let (_, payment, refund) = held;
        match (refund.status, answer) {
            (_, QueryOutcome::Unreachable(why)) => Ok(Some(why)),
            (RefundStatus::Pending | RefundStatus::Unknown, QueryOutcome::Report(report)) => {
                self.follow(tx, origin, held, &report).await
            }
            (RefundStatus::Success | RefundStatus::Failed, QueryOutcome::Report(report)) => {
                self.hold_against(tx, origin, held, &report).await
            }
            (RefundStatus::Unknown, QueryOutcome::NotFound) => {
                let why = (FailureReason::NeverReceived.as_str(), None);
                self.not_paid_back(tx, origin, payment, refund, why).await?;
                Ok(None)
            }
            // It has taken it and does not tell: a person has to find out.
            (RefundStatus::Pending, QueryOutcome::NotFound | QueryOutcome::Unsupported) => {
                let message = format!("the gateway does not know refund {} of {}", refund.id, refund.amount);
                self.call_a_person(tx, origin, payment, TaskKind::RefundUnknown, message).await?;
                Ok(Some("the gateway has taken it and does not know it".to_owned()))
            }
            (..) => Ok(None),
        }
    }

    /// Does what the gateway says of a refund on its way.
    async fn follow(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        (order, payment, refund): &Held,
        report: &GatewayReport,
    ) -> Result<Option<String>, StoreError> {
        match report.status {
            ReportedStatus::Succeeded if is_another_amount(report, refund) => {
                let message = format!(
                    "the gateway paid out another amount than {} as refund {}",
                    refund.amount, refund.id
                );
                self.call_a_person(tx, origin, payment, TaskKind::RefundContradicted, message).await?;
                if refund.status == RefundStatus::Pending {
                    self.step_refund(tx, origin, refund, RefundStatus::Unknown, "amount_mismatch").await?;
                }
                return Ok(None);
            }
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

    /// Holds what was written down of a refund that has ended against what the gateway says.
    async fn hold_against(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        (_, payment, refund): &Held,
        report: &GatewayReport,
    ) -> Result<Option<String>, StoreError> {
        let said = match (refund.status, &report.status) {
            (RefundStatus::Failed, ReportedStatus::Succeeded) => "was paid out after all",
            (RefundStatus::Success, ReportedStatus::Failed(_)) => "was not paid out",
            (_, ReportedStatus::Pending) => return Ok(Some("it is not decided".to_owned())),
            (..) => return Ok(None),
        };
        let message = format!("refund {} of {} {said}, says the gateway", refund.id, refund.amount);
        self.call_a_person(tx, origin, payment, TaskKind::RefundContradicted, message).await?;
        Ok(None)
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
