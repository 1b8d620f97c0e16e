//! Paying by means of our own: credit, a voucher, an agent. No gateway is asked: the payment is there when it has succeeded.

use kernel::{Money, Origin, StoreError, id::ids::PaymentId};

use super::{Billing, settle::Evidence};
use crate::{
    ledger::Line,
    order::Order,
    payment::{Means, Payment, PaymentStatus},
    ports::BillingTx,
};

/// A payment of a whole order by means of our own.
pub(super) struct OwnPayment {
    /// Names it.
    pub(super) id: PaymentId,
    /// By what.
    pub(super) means: Means,
    /// Why it succeeded, as a code.
    pub(super) reason: &'static str,
    /// What it is debited to.
    pub(super) from: Vec<Line>,
}

impl Billing {
    /// Pays a locked, pending order in full, and settles it.
    pub(super) async fn pay_by_own_means(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        order: &Order,
        own: OwnPayment,
    ) -> Result<(), StoreError> {
        let payment = self.own_payment(own.id, origin, order, own.means);
        tx.insert_payment(&payment).await?;
        let change = self.change(origin, &payment, PaymentStatus::Success, own.reason);
        let evidence = Evidence { change, received: order.total, late: false, from: own.from };
        self.settle(tx, origin, order, &payment, evidence).await
    }

    /// A payment of the whole order by means of our own, in the one moment before it succeeds.
    fn own_payment(&self, id: PaymentId, origin: &Origin, order: &Order, means: Means) -> Payment {
        let now = self.ambient.now();
        Payment {
            id,
            order_id: order.id,
            user_id: order.contact.user_id,
            gateway: means.as_str().to_owned(),
            reference: self.ambient.uuid_v4(),
            provider_ref: None,
            wallet: None,
            amount: order.total,
            received: None,
            refunded: Money::zero(order.total.currency()),
            status: PaymentStatus::Submitting,
            late: false,
            reason: None,
            ip: origin.ip,
            created_at: now,
            expires_at: now,
            settled_at: None,
            next_check_at: None,
            checks: 0,
        }
    }
}
