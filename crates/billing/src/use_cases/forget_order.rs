//! Forgetting whose orders were. What was sold, for how much, how it was paid and what the ledger says of it stays; who it
//! was goes. The account's id stays, and says nothing to anybody once the account is gone: its credit stands under it.

use kernel::{
    Event, Msisdn, Origin, Progress, StoreError,
    audit::AuditRecord,
    events::{billing::OrderForgotten, identity::UserDeleted},
    id::ids::{OrderId, PaymentId},
};
use serde_json::json;

use super::Billing;
use crate::{
    jobs::ForgetOrder,
    ports::BillingTx,
    unit::{Unit, UnitStatus},
};

impl Billing {
    /// An account is gone: everything that it has ordered is to be forgotten, each order by its own job.
    pub(crate) async fn forget_customer(
        &self,
        consumer: &'static str,
        event: &Event,
        fact: &UserDeleted,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        if !tx.first_time(consumer, event.id).await? {
            return Ok(());
        }
        let origin = Origin::system("billing").within(event.request_id.clone());
        for order_id in tx.orders_of(fact.user_id).await? {
            tx.begin_forgetting(order_id, self.ambient.now()).await?;
            self.enqueue(tx.as_mut(), &origin, &ForgetOrder { order_id }).await?;
        }
        tx.commit().await
    }

    /// Has everything forgotten that guests have ordered with a number, and says how many orders there are. Accounts with
    /// the number are left alone: they are deleted. The audit log gets the number with its middle hidden.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_guest(
        &self,
        origin: &Origin,
        phone: &Msisdn,
        reason: &str,
    ) -> Result<usize, StoreError> {
        let mut tx = self.store.begin().await?;
        let orders = tx.guest_orders_of(phone).await?;
        let record = AuditRecord::success(&self.ambient, origin, "guest", "forget", "guest:orders".into());
        let details = json!({ "phone": phone.masked(), "reason": reason, "orders": orders.len() });
        tx.audit(record.with(details)).await?;
        for order_id in &orders {
            tx.begin_forgetting(*order_id, self.ambient.now()).await?;
            self.enqueue(tx.as_mut(), origin, &ForgetOrder { order_id: *order_id }).await?;
        }
        tx.commit().await?;
        Ok(orders.len())
    }

    /// Forgets whose an order was, once nobody has to be told anything about it any more, or be paid: while a payment may bring
    /// money, money is on its way back, a person has a task about it (somebody may have a right to money that no refund brings
    /// any more), credentials are on their way, or a consumer has not heard of them, it waits. An order that failed is not
    /// waited for: what staff make of it later is told to nobody.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_order(&self, origin: &Origin, id: OrderId) -> Result<Progress, StoreError> {
        let mut tx = self.store.begin().await?;
        if tx.lock_order(id).await?.is_none() {
            return Ok(Progress::Done);
        }
        if tx.has_live_payment(id).await? {
            return Ok(Progress::waits("a payment may still bring money"));
        }
        if tx.has_refund_under_way(id).await? {
            return Ok(Progress::waits("money is on its way back"));
        }
        if tx.has_open_task(id).await? {
            return Ok(Progress::waits("a person has a task about it"));
        }
        // By its units: an order of which some goes back may owe none of them and not have ended.
        let is_owed = |unit: &Unit| matches!(unit.status, UnitStatus::Queued | UnitStatus::Provisioning);
        if tx.units_of(id).await?.iter().any(is_owed) {
            return Ok(Progress::waits("credentials are on their way"));
        }
        if !tx.forget_in_events(id.as_uuid()).await? {
            return Ok(Progress::waits("not everybody has heard of the order"));
        }
        tx.forget_person(id, self.ambient.now()).await?;
        self.tell(tx.as_mut(), origin, &OrderForgotten { order_id: id }).await?;
        tx.commit().await?;
        Ok(Progress::Done)
    }

    /// Something has come in about a payment, and may say who has paid: if that was forgotten, it is again.
    pub(super) async fn forget_again(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        payment: PaymentId,
    ) -> Result<(), StoreError> {
        let Some(order_id) = tx.order_of(payment).await? else {
            return Ok(());
        };
        if tx.is_forgotten(order_id).await? {
            self.enqueue(tx, origin, &ForgetOrder { order_id }).await?;
        }
        Ok(())
    }
}
