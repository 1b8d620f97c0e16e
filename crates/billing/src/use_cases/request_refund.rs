//! Asking for a refund: its amount is reserved, and up to a limit it is approved by whoever asks.

use std::collections::BTreeSet;

use kernel::{
    Id, IdempotencyKey, Money, Origin, StoreError,
    audit::AuditRecord,
    id::ids::{PaymentId, RefundId, UnitId},
    money::MoneyError,
};
use serde_json::json;

use super::{
    Billing, KeyReused,
    approve_refund::{CannotApprove, can_have_credit},
    claimed,
    refund_steps::Held,
};
use crate::{
    order::Order,
    payment::{Means, Payment, PaymentStatus},
    ports::BillingTx,
    refund::{
        Refund, RefundStatus, RefundWay,
        lines::{Credited, tax_in},
    },
    task::TaskKind,
    unit::{Unit, UnitStatus},
};

/// What is to go back.
#[derive(Debug, Clone)]
pub struct RequestRefund {
    /// The payment whose money it is.
    pub payment_id: PaymentId,
    /// How much; when it is not given the price of the units, or, without any, all that is left of the payment.
    pub amount: Option<Money>,
    /// The numbers of the units that are not owed any more. With the last of the money none is.
    pub units: BTreeSet<u32>,
    /// The units of the order that are known to have been used.
    pub used: BTreeSet<UnitId>,
    /// Whether units may be withdrawn that were used.
    pub even_if_used: bool,
    /// How it goes back; the way it came when it is not given.
    pub way: Option<RefundWay>,
    /// Why, in staff's words.
    pub reason: String,
    /// The client's promise that a repeat is the same refund.
    pub idempotency: Option<IdempotencyKey>,
}

/// Why no refund was made.
#[derive(Debug, thiserror::Error)]
pub enum RequestRefundError {
    /// There is no such payment.
    #[error("there is no such payment")]
    NotFound,
    /// Only what has come in can go back.
    #[error("the payment is {}", .0.as_str())]
    NotSuccessful(PaymentStatus),
    /// There is less left of the payment.
    #[error("{0} is left of the payment")]
    TooMuch(Money),
    /// The amount is nothing, or less.
    #[error("the amount is not more than zero")]
    NotAnAmount,
    /// The amount is in another currency than the payment.
    #[error("the amount is in another currency")]
    OtherCurrency,
    /// The order has no unit of this number, the payment did not pay for it, or it has gone back or is to.
    #[error("there is no unit {0} to give back")]
    NoSuchUnit(u32),
    /// Units were used.
    #[error("units {0:?} were used")]
    Used(Vec<u32>),
    /// Nobody says how, and the payment's own way leads nowhere back.
    #[error("no way is given")]
    WayMissing,
    /// The gateway pays back multiples of this alone.
    #[error("the gateway pays back multiples of {0} alone")]
    NotAMultiple(Money),
    /// It cannot be approved.
    #[error(transparent)]
    CannotApprove(#[from] CannotApprove),
    /// The idempotency key was used for another refund.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// An amount is beyond what can be counted.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Asks for a refund, and approves it where no second person is needed. A repeat under the same idempotency key gives
    /// the first refund's id.
    ///
    /// # Errors
    /// [`RequestRefundError`].
    pub async fn request_refund(
        &self,
        origin: &Origin,
        command: RequestRefund,
    ) -> Result<RefundId, RequestRefundError> {
        let id = Id::generate(&self.ambient);
        let mut tx = self.store.begin().await?;
        let key = command.idempotency.as_ref();
        if let Some(earlier) = claimed::<_, RequestRefundError>(tx.as_mut(), key, id).await? {
            return Ok(earlier);
        }
        let order_id = tx.order_of(command.payment_id).await?.ok_or(RequestRefundError::NotFound)?;
        let order = tx.lock_order(order_id).await?.ok_or(RequestRefundError::NotFound)?;
        let payment = tx.lock_payment(command.payment_id).await?.ok_or(RequestRefundError::NotFound)?;
        if payment.status != PaymentStatus::Success {
            return Err(RequestRefundError::NotSuccessful(payment.status));
        }
        let credited = Credited::of(&tx.capture_of(payment.id).await?);
        let of = (&order, &payment, credited);
        let way = self.way(tx.as_mut(), &command, of).await?;
        let refund = self.draft(tx.as_mut(), origin, (id, way), of, command).await?;
        if !tx.insert_refund(&refund).await? {
            return Err(RequestRefundError::TooMuch(payment.refundable()?));
        }
        let record = AuditRecord::success(&self.ambient, origin, "refund", "request", format!("refund:{id}"));
        tx.audit(record.with(json!({
            "payment": payment.id, "amount": refund.amount.to_string(), "way": way.as_str(),
            "units": refund.units, "reason": refund.reason,
        })))
        .await?;
        // In many small parts it is as much.
        let in_all = payment.refunded.checked_add(refund.amount)?;
        if self.settings.four_eyes.are_needed(in_all) {
            let message = format!("refund {id} of {} waits for a second person", refund.amount);
            self.call_a_person(tx.as_mut(), origin, &payment, TaskKind::RefundToApprove, message).await?;
        } else {
            let mut held = Held { order, payment, credited, refund };
            self.approve(tx.as_mut(), origin, &mut held).await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// How the money is to go back, if it can.
    async fn way(
        &self,
        tx: &mut dyn BillingTx,
        command: &RequestRefund,
        (order, payment, credited): (&Order, &Payment, Credited),
    ) -> Result<RefundWay, RequestRefundError> {
        let means = payment.means();
        let gateway = self.gateways.named(&payment.gateway);
        let gives_back = gateway.is_some_and(|gateway| gateway.capabilities().refunds);
        let way =
            command.way.or(RefundWay::usual(means, gives_back)).ok_or(RequestRefundError::WayMissing)?;
        let open = match way {
            RefundWay::Gateway => gives_back,
            RefundWay::Transfer => means == Means::MobileMoney,
            RefundWay::Cash => true,
            RefundWay::Credit => credited == Credited::Sale && can_have_credit(tx, order).await?,
            RefundWay::AgentWallet => means == Means::Agent,
        };
        if open { Ok(way) } else { Err(CannotApprove::WayClosed(way).into()) }
    }

    async fn draft(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        (id, way): (RefundId, RefundWay),
        (order, payment, credited): (&Order, &Payment, Credited),
        command: RequestRefund,
    ) -> Result<Refund, RequestRefundError> {
        let sold = credited == Credited::Sale;
        let units = if sold { tx.units_of(order.id).await? } else { Vec::new() };
        let mut before = tx.refunds_of(payment.id).await?;
        before.retain(|earlier| earlier.status.holds());
        are_owed(&command, &units, &before)?;
        let amount = amount(&command, order, payment)?;
        if way == RefundWay::Gateway {
            payable(tx, payment, amount).await?;
        }
        let all_is_back = before.iter().all(|earlier| earlier.status == RefundStatus::Success);
        let wanted = withdrawn(&command, &units, all_is_back && amount == payment.refundable()?)?;
        let mut taxes = Money::zero(amount.currency());
        for earlier in &before {
            taxes = taxes.checked_add(earlier.tax)?;
        }
        let tax = if sold { tax_in(amount, order, payment, taxes)? } else { Money::zero(amount.currency()) };
        Ok(Refund {
            id,
            payment_id: payment.id,
            order_id: order.id,
            amount,
            tax,
            way,
            units: wanted,
            even_if_used: command.even_if_used,
            reason: command.reason,
            reference: self.ambient.uuid_v4(),
            provider_ref: None,
            status: RefundStatus::Requested,
            requested_by: origin.actor.to_string(),
            created_at: self.ambient.now(),
            settled_at: None,
        })
    }
}

/// How much is to go back.
fn amount(command: &RequestRefund, order: &Order, payment: &Payment) -> Result<Money, RequestRefundError> {
    let left = payment.refundable()?;
    let amount = match command.amount {
        Some(amount) if amount.currency() != left.currency() => {
            return Err(RequestRefundError::OtherCurrency);
        }
        Some(amount) => amount,
        None if command.units.is_empty() => left,
        None => order.unit_price.checked_mul(i64::try_from(command.units.len()).unwrap_or(i64::MAX))?,
    };
    if amount.minor() > left.minor() || left.minor() == 0 {
        return Err(RequestRefundError::TooMuch(left));
    }
    if amount.minor() <= 0 {
        return Err(RequestRefundError::NotAnAmount);
    }
    Ok(amount)
}

/// Whether the payment's gateway can pay so much back into the wallet. How little or how much it takes as a refund nobody has
/// said, but no operator has smaller coins for one than for a payment.
async fn payable(tx: &mut dyn BillingTx, payment: &Payment, amount: Money) -> Result<(), RequestRefundError> {
    let Some(wallet) = &payment.wallet else { return Ok(()) };
    let limits = tx.find_limits(&payment.gateway, wallet.operator, amount.currency()).await?;
    match limits {
        Some(limits) if !limits.is_multiple(amount) => Err(RequestRefundError::NotAMultiple(limits.step)),
        _ => Ok(()),
    }
}

/// Whether the units that are named are there, and no refund that holds has named them before.
fn are_owed(command: &RequestRefund, units: &[Unit], before: &[Refund]) -> Result<(), RequestRefundError> {
    let is_there = |number: &u32| units.iter().any(|unit| unit.number == *number);
    let goes_back = |number: &u32| before.iter().any(|earlier| earlier.units.contains(number));
    match command.units.iter().find(|number| !is_there(number) || goes_back(number)) {
        Some(number) => Err(RequestRefundError::NoSuchUnit(*number)),
        None => Ok(()),
    }
}

/// The numbers of the units that are withdrawn: those that are named, and with the last of the money all.
fn withdrawn(
    command: &RequestRefund,
    units: &[Unit],
    is_the_last: bool,
) -> Result<Vec<u32>, RequestRefundError> {
    let wanted = |unit: &&Unit| {
        unit.status != UnitStatus::Withdrawn && (is_the_last || command.units.contains(&unit.number))
    };
    let wanted: Vec<u32> = units.iter().filter(wanted).map(|unit| unit.number).collect();
    let used = used_among(&wanted, units, &command.used);
    if !used.is_empty() && !command.even_if_used {
        return Err(RequestRefundError::Used(used));
    }
    Ok(wanted)
}

/// The numbers among some of units that were used.
pub(super) fn used_among(numbers: &[u32], units: &[Unit], used: &BTreeSet<UnitId>) -> Vec<u32> {
    let among = units.iter().filter(|unit| numbers.contains(&unit.number) && used.contains(&unit.id));
    among.map(|unit| unit.number).collect()
}
