//! Acting on what a gateway says, whichever way it came: by callback, or as an answer to our question.

use kernel::{Origin, StoreError, id::ids::PaymentId};

use super::{Billing, settle::Evidence};
use crate::{
    payment::PaymentStatus,
    ports::{
        BillingTx,
        gateway::{GatewayReport, ReportedAmount},
    },
    verdict::{Verdict, judge},
};

impl Billing {
    /// Applies an authenticated report to its payment and says what was made of it: `Ok(None)` when it changed
    /// something, else why it did not.
    pub(super) async fn apply_report(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        id: PaymentId,
        report: &GatewayReport,
    ) -> Result<Option<&'static str>, StoreError> {
        let missing = || StoreError::corrupt(format!("payment {id} or its order is gone"));
        let order_id = tx.order_of(id).await?.ok_or_else(missing)?;
        let order = tx.lock_order(order_id).await?.ok_or_else(missing)?;
        let payment = tx.lock_payment(id).await?.ok_or_else(missing)?;
        let gateway = self.gateways.named(&payment.gateway);
        let amount_omitted = gateway.is_some_and(|gateway| !gateway.capabilities().callback_has_amount);
        let mut verdict = judge(&payment, report, amount_omitted, self.ambient.now());
        if let Some(provider_ref) = report.provider_ref.as_deref().filter(|_| payment.provider_ref.is_none())
            && !self.learn_reference(tx, origin, &payment, provider_ref).await?
            && matches!(verdict, Verdict::Settle { .. })
        {
            // The gateway's name belongs to another payment: this may be that one's success, told again.
            verdict = Verdict::Hold("conflicting_reference");
        }
        match verdict {
            Verdict::Settle { late } => {
                let received = match report.amount {
                    ReportedAmount::Read(amount) => amount,
                    ReportedAmount::Missing | ReportedAmount::Unreadable => payment.amount,
                };
                let reason = if late { "late_success" } else { "confirmed_by_gateway" };
                let change = self.change(origin, &payment, PaymentStatus::Success, reason);
                self.settle(tx, origin, &order, &payment, Evidence::of_gateway(change, received, late))
                    .await?;
            }
            Verdict::Hold(reason) => self.hold(tx, origin, &payment, reason).await?,
            Verdict::Fail(reason) => self.fail(tx, origin, &payment, reason).await?,
            Verdict::Await => {
                self.shift(tx, origin, &payment, PaymentStatus::Pending, "confirmed_pending").await?;
            }
            Verdict::Ignore(why) => return Ok(Some(why)),
        }
        Ok(None)
    }
}
