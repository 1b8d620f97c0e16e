//! The one place where money becomes an obligation. It runs inside a transaction that holds the order's lock and
//! then the payment's, and touches nothing outside the database.

use kernel::{
    Id, Money, Origin, StoreError,
    events::{
        alert::AlertRaised,
        billing::{DuplicatePaymentReceived, OwedUnit, PaymentFailed, PaymentSucceeded},
    },
    money::MoneyError,
};

use super::Billing;
use crate::{
    ledger::{Account, Line, Posting},
    order::{Order, OrderStatus},
    payment::{Payment, PaymentMove, PaymentStatus},
    ports::BillingTx,
    reason::FailureReason,
    task::{Task, TaskKind},
    unit::{Unit, UnitStatus},
};

/// Proof that a payment succeeded.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    /// The move to success, with who says so.
    pub(super) change: PaymentMove,
    /// How much came in.
    pub(super) received: Money,
    /// Whether the payment had been given up.
    pub(super) late: bool,
    /// Where it came from; together as much as was received.
    pub(super) from: Vec<Line>,
}

impl Evidence {
    /// Proof that a gateway has collected the money.
    pub(super) fn of_gateway(change: PaymentMove, received: Money, late: bool) -> Self {
        let from = vec![Line { account: Account::GatewayClearing, amount: received }];
        Self { change, received, late, from }
    }
}

impl Billing {
    /// Settles a payment: its success, its posting, what its order owes and the news of it, all in one
    /// transaction. A second payment of a paid order becomes the customer's credit.
    pub(super) async fn settle(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        order: &Order,
        payment: &Payment,
        evidence: Evidence,
    ) -> Result<(), StoreError> {
        if !tx.move_payment(&evidence.change, evidence.late).await? {
            return Err(StoreError::Conflict(format!("payment {} has moved under its lock", payment.id)));
        }
        tx.note_received(payment.id, evidence.received).await?;
        tx.plan_check(payment.id, None, payment.checks).await?;
        tx.close_tasks(payment.id, evidence.change.at).await?;
        let pays_order = OrderStatus::UNPAID.contains(&order.status);
        let credited = credited(order, pays_order, evidence.received).map_err(StoreError::corrupt)?;
        let posting = Posting::capture(payment.id.as_uuid(), &evidence.from, &credited, evidence.change.at)
            .map_err(StoreError::corrupt)?;
        if !tx.post(&posting).await? {
            return Err(StoreError::Conflict(format!("payment {} was posted before", payment.id)));
        }
        if pays_order {
            self.owe(tx, origin, order, payment, &evidence).await
        } else {
            self.credit(tx, origin, order, payment, evidence.received).await
        }
    }

    /// The order is paid: it owes its units from now on.
    async fn owe(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        order: &Order,
        payment: &Payment,
        evidence: &Evidence,
    ) -> Result<(), StoreError> {
        tx.move_order(order.id, order.status, OrderStatus::Paid, evidence.change.at).await?;
        self.issue_receipt(tx, order, payment, evidence.change.at).await?;
        let mut units = Vec::new();
        for number in 1..=order.quantity.get() {
            let unit = Unit {
                id: Id::generate(&self.ambient),
                order_id: order.id,
                number,
                status: UnitStatus::Queued,
                failure: None,
                activated_at: None,
                credentials_sent_at: None,
            };
            if !tx.insert_unit(&unit).await? {
                return Err(StoreError::Conflict(format!("order {} owes its units already", order.id)));
            }
            units.push(OwedUnit { unit_id: unit.id, number });
        }
        let fact = PaymentSucceeded {
            payment_id: payment.id,
            order_id: order.id,
            order_number: order.number.clone(),
            site_id: order.site_id,
            router_id: order.router_id,
            amount: evidence.received,
            late: evidence.late,
            contact: order.contact.clone(),
            package: order.package.clone(),
            units,
        };
        self.tell(tx, origin, &fact).await
    }

    /// The order was paid before: the money is the customer's, and a person should know.
    async fn credit(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        order: &Order,
        payment: &Payment,
        amount: Money,
    ) -> Result<(), StoreError> {
        let fact = DuplicatePaymentReceived { payment_id: payment.id, order_id: order.id, amount };
        self.tell(tx, origin, &fact).await?;
        let message =
            format!("order {} was paid a second time; {amount} is the customer's credit", order.number);
        self.call_a_person(tx, origin, payment, TaskKind::DuplicatePayment, message).await
    }

    /// A payment has come to nothing.
    pub(super) async fn fail(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        payment: &Payment,
        reason: FailureReason,
    ) -> Result<(), StoreError> {
        let reason = reason.as_str();
        let change = self.change(origin, payment, PaymentStatus::Failed, reason);
        tx.move_payment(&change, false).await?;
        tx.plan_check(payment.id, None, payment.checks).await?;
        tx.close_tasks(payment.id, change.at).await?;
        let fact =
            PaymentFailed { payment_id: payment.id, order_id: payment.order_id, reason: reason.to_owned() };
        self.tell(tx, origin, &fact).await
    }

    /// Something about a payment is wrong: it waits for a person.
    pub(super) async fn hold(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        payment: &Payment,
        reason: &str,
    ) -> Result<(), StoreError> {
        let change = self.change(origin, payment, PaymentStatus::Held, reason);
        tx.move_payment(&change, false).await?;
        tx.plan_check(payment.id, None, payment.checks).await?;
        let message = format!("payment {} is held: {reason}", payment.id);
        self.call_a_person(tx, origin, payment, TaskKind::PaymentHeld, message).await
    }

    /// Opens a task for a person and raises its alert, if it has one, once.
    pub(super) async fn call_a_person(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        payment: &Payment,
        kind: TaskKind,
        message: String,
    ) -> Result<(), StoreError> {
        let task = Task {
            id: Id::generate(&self.ambient),
            kind,
            payment_id: payment.id,
            order_id: payment.order_id,
            message: message.clone(),
            opened_at: self.ambient.now(),
            closed_at: None,
        };
        if !tx.open_task(&task).await? {
            return Ok(());
        }
        let Some(severity) = kind.alarm() else { return Ok(()) };
        tracing::error!(payment = %payment.id, order = %payment.order_id, alert = kind.as_str(), "{message}");
        let alert = AlertRaised {
            subject_id: task.id,
            code: kind.as_str().to_owned(),
            severity,
            message,
            order_id: Some(payment.order_id),
        };
        self.tell(tx, origin, &alert).await
    }
}

/// What a payment is credited to. What a second payment brings is all the customer's; the first pays the price, of which
/// the tax is not ours.
fn credited(order: &Order, pays_order: bool, received: Money) -> Result<Vec<Line>, MoneyError> {
    if !pays_order {
        let account = order.contact.user_id.map_or(Account::CustomerCredit, Account::CreditOf);
        return Ok(vec![Line { account, amount: received }]);
    }
    let tax = order.tax_rate.within(order.total)?;
    let net = order.total.checked_add(tax.checked_neg()?)?;
    Ok(vec![
        Line { account: Account::Revenue, amount: net },
        Line { account: Account::TaxPayable, amount: tax },
    ])
}
