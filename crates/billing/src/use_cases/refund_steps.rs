//! The steps that refunds take, whoever makes them take one.

use kernel::{Origin, StoreError, events::billing::RefundSucceeded, id::ids::RefundId};

use super::{Billing, approve_refund::refunded_before};
use crate::{
    agent::Sold,
    ledger::{Account, Posting, Source},
    order::{Order, OrderStatus},
    payment::Payment,
    ports::BillingTx,
    refund::{
        Refund, RefundMove, RefundStatus, RefundWay,
        lines::{pay_out, reversed},
    },
    task::TaskKind,
    unit::UnitStatus,
};

impl Billing {
    /// Locks a refund's order and payment, under whose locks it is, and reads it.
    pub(super) async fn lock_refund(
        &self,
        tx: &mut dyn BillingTx,
        id: RefundId,
    ) -> Result<Option<(Order, Payment, Refund)>, StoreError> {
        let Some(refund) = tx.find_refund(id).await? else {
            return Ok(None);
        };
        let missing = || StoreError::corrupt(format!("the payment of refund {id} or its order is gone"));
        let order = tx.lock_order(refund.order_id).await?.ok_or_else(missing)?;
        let payment = tx.lock_payment(refund.payment_id).await?.ok_or_else(missing)?;
        // Read again: it may have moved before the locks were there.
        let refund = tx.find_refund(id).await?.ok_or_else(missing)?;
        Ok(Some((order, payment, refund)))
    }

    /// Moves a refund on.
    pub(super) async fn step_refund(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        refund: &Refund,
        to: RefundStatus,
        reason: &str,
    ) -> Result<(), StoreError> {
        let change = self.refund_change(origin, refund, to, reason);
        self.move_refund(tx, &change).await
    }

    /// The money has gone back.
    pub(super) async fn paid_back(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        (order, payment): (&Order, &Payment),
        refund: &Refund,
        (reason, evidence): (&str, Option<String>),
    ) -> Result<(), StoreError> {
        let mut change = self.refund_change(origin, refund, RefundStatus::Success, reason);
        change.evidence = evidence;
        self.move_refund(tx, &change).await?;
        let (source, at) = (Source::RefundPayout(refund.id.as_uuid()), change.at);
        tx.close_tasks_of(payment.id, &TaskKind::ENDED_BY_REFUND, at).await?;
        let sale = tx.sale_of(Sold::Order(order.id)).await?;
        let from = match (refund.way, order.contact.user_id, &sale) {
            (RefundWay::Gateway | RefundWay::Transfer, ..) => Account::GatewayClearing,
            (RefundWay::Cash, ..) => Account::Cash,
            (RefundWay::Credit, Some(user), _) => Account::CreditOf(user),
            (RefundWay::AgentWallet, _, Some(sale)) => Account::AgentWallet(sale.agent_id),
            (RefundWay::Credit | RefundWay::AgentWallet, ..) => {
                return Err(StoreError::corrupt(format!("refund {} goes to nobody", refund.id)));
            }
        };
        let before = refunded_before(tx, refund).await?;
        let lines = pay_out(refund, from, sale.as_ref(), before).map_err(StoreError::corrupt)?;
        self.post_once(tx, &Posting::balanced(source, lines, at)).await?;
        self.conclude_order(tx, order, payment, refund).await?;
        let fact = RefundSucceeded {
            refund_id: refund.id,
            payment_id: payment.id,
            order_id: order.id,
            order_number: order.number.clone(),
            amount: refund.amount,
            way: refund.way.as_str().to_owned(),
            contact: order.contact.clone(),
        };
        self.tell(tx, origin, &fact).await
    }

    /// The money has not gone back, and will not in this way: it is ours again, and another refund may be asked for. What
    /// was withdrawn stays so: somebody has decided that the customer gets the money.
    pub(super) async fn not_paid_back(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        payment: &Payment,
        refund: &Refund,
        (reason, evidence): (&str, Option<String>),
    ) -> Result<(), StoreError> {
        let mut change = self.refund_change(origin, refund, RefundStatus::Failed, reason);
        change.evidence = evidence;
        self.move_refund(tx, &change).await?;
        tx.close_tasks_of(payment.id, &[TaskKind::RefundUnknown], change.at).await?;
        let approval = tx.approval_of(refund.id).await?;
        let lines = reversed(&approval).map_err(StoreError::corrupt)?;
        let source = Source::RefundFailure(refund.id.as_uuid());
        self.post_once(tx, &Posting::balanced(source, lines, change.at)).await?;
        if refund.way == RefundWay::Gateway {
            let message = format!("refund {} of {} was not paid out: {reason}", refund.id, refund.amount);
            self.call_a_person(tx, origin, payment, TaskKind::RefundFailed, message).await?;
        }
        Ok(())
    }

    /// An order of which nothing is owed any more, and all has gone back, has come to its end.
    async fn conclude_order(
        &self,
        tx: &mut dyn BillingTx,
        order: &Order,
        payment: &Payment,
        refund: &Refund,
    ) -> Result<(), StoreError> {
        let mut left = payment.received.map_or(0, |received| received.minor()) - refund.amount.minor();
        for other in tx.refunds_of(payment.id).await? {
            if other.status == RefundStatus::Success && other.id != refund.id {
                left -= other.amount.minor();
            }
        }
        let units = tx.units_of(order.id).await?;
        let nothing_owed = !units.is_empty() && units.iter().all(|unit| unit.status == UnitStatus::Withdrawn);
        if left == 0 && nothing_owed && order.status.may_become(OrderStatus::Refunded) {
            tx.move_order(order.id, order.status, OrderStatus::Refunded, self.ambient.now()).await?;
        }
        Ok(())
    }

    async fn post_once(&self, tx: &mut dyn BillingTx, posting: &Posting) -> Result<(), StoreError> {
        if tx.post(posting).await? {
            return Ok(());
        }
        Err(StoreError::Conflict(format!("refund {} was posted before", posting.source().id())))
    }

    async fn move_refund(&self, tx: &mut dyn BillingTx, change: &RefundMove) -> Result<(), StoreError> {
        if tx.move_refund(change).await? {
            return Ok(());
        }
        Err(StoreError::Conflict(format!("refund {} has moved under its lock", change.refund_id)))
    }

    fn refund_change(&self, origin: &Origin, refund: &Refund, to: RefundStatus, reason: &str) -> RefundMove {
        RefundMove {
            refund_id: refund.id,
            from: refund.status,
            to,
            reason: reason.to_owned(),
            by: origin.actor.to_string(),
            at: self.ambient.now(),
            evidence: None,
        }
    }
}
