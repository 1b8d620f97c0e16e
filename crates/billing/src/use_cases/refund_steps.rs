//! The steps that refunds take, whoever makes them take one.

use kernel::{
    Money, Origin, StoreError, Timestamp, events::billing::RefundSucceeded, id::ids::RefundId,
    money::MoneyError,
};

use super::Billing;
use crate::{
    agent::Sold,
    ledger::{Account, Posting, Source},
    order::{Order, OrderStatus},
    payment::Payment,
    ports::BillingTx,
    refund::{
        Refund, RefundMove, RefundStatus, RefundWay,
        lines::{Credited, pay_out, reversed},
        owed::still_owed,
    },
    task::TaskKind,
};

/// A refund with what it is locked under.
pub(super) struct Held {
    /// The order.
    pub(super) order: Order,
    /// The payment whose money it is.
    pub(super) payment: Payment,
    /// What that was credited to.
    pub(super) credited: Credited,
    /// The refund, as it stands after each step.
    pub(super) refund: Refund,
}

impl Billing {
    /// Locks a refund's order and payment, under whose locks it is, and reads it.
    pub(super) async fn lock_refund(
        &self,
        tx: &mut dyn BillingTx,
        id: RefundId,
    ) -> Result<Option<Held>, StoreError> {
        let Some(refund) = tx.find_refund(id).await? else {
            return Ok(None);
        };
        let missing = || StoreError::corrupt(format!("the payment of refund {id} or its order is gone"));
        let order = tx.lock_order(refund.order_id).await?.ok_or_else(missing)?;
        let payment = tx.lock_payment(refund.payment_id).await?.ok_or_else(missing)?;
        let credited = Credited::of(&tx.capture_of(payment.id).await?);
        // Read again: it may have moved before the locks were there.
        let refund = tx.find_refund(id).await?.ok_or_else(missing)?;
        Ok(Some(Held { order, payment, credited, refund }))
    }

    /// Moves a refund on.
    pub(super) async fn step_refund(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        refund: &mut Refund,
        to: RefundStatus,
        reason: &str,
    ) -> Result<(), StoreError> {
        self.move_refund(tx, origin, refund, to, (reason, None)).await.map(drop)
    }

    /// The money has gone back.
    pub(super) async fn paid_back(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        held: &mut Held,
        why: (&str, Option<String>),
    ) -> Result<(), StoreError> {
        let at = self.move_refund(tx, origin, &mut held.refund, RefundStatus::Success, why).await?;
        let Held { order, payment, refund, .. } = &*held;
        let source = Source::RefundPayout(refund.id.as_uuid());
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
        let refunds = tx.refunds_of(payment.id).await?;
        let before = paid_before(refund, &refunds).map_err(StoreError::corrupt)?;
        let lines = pay_out(refund, from, sale.as_ref(), before).map_err(StoreError::corrupt)?;
        self.post_once(tx, &Posting::balanced(source, lines, at)).await?;
        let all = before.checked_add(refund.amount).map_err(StoreError::corrupt)?;
        if Some(all) == payment.received {
            tx.close_tasks_of(payment.id, &[TaskKind::DuplicatePayment, TaskKind::RefundFailed], at).await?;
            self.conclude_order(tx, origin, held).await?;
        } else if still_owed(&refunds, order.unit_price).map_err(StoreError::corrupt)?.minor() == 0 {
            tx.close_tasks_of(payment.id, &[TaskKind::RefundFailed], at).await?;
        }
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
    async fn not_paid_back(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        held: &mut Held,
        why: (&str, Option<String>),
    ) -> Result<(), StoreError> {
        let refund = &mut held.refund;
        let at = self.move_refund(tx, origin, refund, RefundStatus::Failed, why).await?;
        let approval = tx.approval_of(refund.id).await?;
        let lines = reversed(&approval).map_err(StoreError::corrupt)?;
        let source = Source::RefundFailure(refund.id.as_uuid());
        self.post_once(tx, &Posting::balanced(source, lines, at)).await
    }

    /// Staff say that a refund has not been paid out, and is not to be in this way. Who has lost credentials for it, or was
    /// owed the money before, has a right to it all the same.
    pub(super) async fn refund_rejected(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        held: &mut Held,
        said: String,
    ) -> Result<(), StoreError> {
        let mut others = tx.refunds_of(held.payment.id).await?;
        others.retain(|other| other.id != held.refund.id);
        let owed = still_owed(&others, held.order.unit_price).map_err(StoreError::corrupt)?;
        let why = ("rejected_by_staff", Some(said));
        if held.refund.units.is_empty() && owed.minor() == 0 {
            return self.not_paid_back(tx, origin, held, why).await;
        }
        self.refund_failed(tx, origin, held, why).await
    }

    /// A refund was not paid out: a person has to give the money back in another way.
    pub(super) async fn refund_failed(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        held: &mut Held,
        (reason, said): (&str, Option<String>),
    ) -> Result<(), StoreError> {
        self.not_paid_back(tx, origin, held, (reason, said)).await?;
        let Held { payment, refund, .. } = &*held;
        let message = format!("refund {} of {} was not paid out: {reason}", refund.id, refund.amount);
        self.call_a_person(tx, origin, payment, TaskKind::RefundFailed, message).await
    }

    /// All that has paid an order has gone back: whatever it still owed is owed no more, and it has come to its end.
    async fn conclude_order(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        held: &Held,
    ) -> Result<(), StoreError> {
        let Held { order, credited, .. } = held;
        if *credited != Credited::Sale {
            return Ok(());
        }
        let numbers: Vec<u32> = (1..=order.quantity.get()).collect();
        self.withdraw(tx, origin, order, &numbers).await?;
        // With units that were withdrawn before it may have moved.
        let now = tx.lock_order(order.id).await?.map_or(order.status, |order| order.status);
        if now.may_become(OrderStatus::Refunded) {
            tx.move_order(order.id, now, OrderStatus::Refunded, self.ambient.now()).await?;
        }
        Ok(())
    }

    /// Posts what nobody can have posted before.
    pub(super) async fn post_once(
        &self,
        tx: &mut dyn BillingTx,
        posting: &Posting,
    ) -> Result<(), StoreError> {
        if tx.post(posting).await? {
            return Ok(());
        }
        let (kind, id) = (posting.source().kind(), posting.source().id());
        Err(StoreError::Conflict(format!("{kind} {id} was posted before")))
    }

    /// Moves a refund on, and says when.
    async fn move_refund(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        refund: &mut Refund,
        to: RefundStatus,
        (reason, evidence): (&str, Option<String>),
    ) -> Result<Timestamp, StoreError> {
        let change = RefundMove {
            refund_id: refund.id,
            from: refund.status,
            to,
            reason: reason.to_owned(),
            by: origin.actor.to_string(),
            at: self.ambient.now(),
            evidence,
        };
        if !tx.move_refund(&change).await? {
            return Err(StoreError::Conflict(format!("refund {} has moved under its lock", refund.id)));
        }
        refund.status = to;
        close_what_is_over(tx, refund, change.at).await?;
        Ok(change.at)
    }
}

/// How much of the payment has been paid back by its other refunds.
fn paid_before(refund: &Refund, refunds: &[Refund]) -> Result<Money, MoneyError> {
    let others = refunds.iter().filter(|other| other.id != refund.id);
    let mut paid = others.filter(|other| other.status == RefundStatus::Success).map(|other| other.amount);
    paid.try_fold(Money::zero(refund.amount.currency()), Money::checked_add)
}

/// A refund has moved on: nobody has to see to it where it stood, unless to another one of the same payment.
async fn close_what_is_over(
    tx: &mut dyn BillingTx,
    refund: &Refund,
    at: Timestamp,
) -> Result<(), StoreError> {
    let refunds = tx.refunds_of(refund.payment_id).await?;
    let mut over = vec![TaskKind::RefundToApprove, TaskKind::RefundToPay, TaskKind::RefundUnknown];
    over.retain(|kind| refunds.iter().all(|other| other.task() != Some(*kind)));
    tx.close_tasks_of(refund.payment_id, &over, at).await
}
