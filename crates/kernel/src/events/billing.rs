//! What billing tells.

use serde::{Deserialize, Serialize};

use super::{Contact, fact};
use crate::{
    access_policy::AccessPolicy,
    id::ids::{OrderId, PaymentId, RefundId, RouterId, SiteId, UnitId, UserId, VoucherBatchId},
    locale::Locale,
    money::Money,
};

/// Where credentials are enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// As a user of a router's hotspot.
    Router,
    /// As a RADIUS subscriber.
    Radius,
}

/// When a validity begins to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValidityStart {
    /// When the credentials are ready.
    Creation,
    /// When they are first used.
    FirstUse,
}

/// What was sold, as it stood when it was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoldPackage {
    /// Its name.
    pub name: String,
    /// How long the credentials are good for, in minutes.
    pub validity_minutes: u32,
    /// When that time begins.
    pub validity_start: ValidityStart,
    /// Where they are enforced.
    pub target: Target,
    /// What they allow.
    pub policy: AccessPolicy,
}

/// One set of credentials that a paid order owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwedUnit {
    /// Names the unit.
    pub unit_id: UnitId,
    /// Its place in the order, from 1.
    pub number: u32,
}

/// An order was placed and waits for its payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPlaced {
    /// The order.
    pub order_id: OrderId,
    /// Its number for people.
    pub order_number: String,
    /// What it costs.
    pub total: Money,
}
fact!(OrderPlaced, about "order" = order_id, story = |fact| Some(fact.order_id.as_uuid()));

/// An unpaid order was given up by its customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCancelled {
    /// The order.
    pub order_id: OrderId,
}
fact!(OrderCancelled, about "order" = order_id, story = |fact| Some(fact.order_id.as_uuid()));

/// An order was not paid in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderExpired {
    /// The order.
    pub order_id: OrderId,
}
fact!(OrderExpired, about "order" = order_id, story = |fact| Some(fact.order_id.as_uuid()));

/// A customer asked to pay an order; nothing has been sent to the gateway yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentInitiated {
    /// The payment.
    pub payment_id: PaymentId,
    /// The order it pays.
    pub order_id: OrderId,
    /// How much.
    pub amount: Money,
}
fact!(PaymentInitiated, about "payment" = payment_id, story = |fact| Some(fact.order_id.as_uuid()));

/// The wallet of a guest is asked to pay, and the guest may be online for a moment meanwhile, so that the wallet's app
/// works. Nothing is owed by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentGraceGranted {
    /// The payment.
    pub payment_id: PaymentId,
    /// The order it pays.
    pub order_id: OrderId,
    /// The order's number for people.
    pub order_number: String,
    /// Where the guest is.
    pub site_id: SiteId,
    /// The router there, if the order is for a certain one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub router_id: Option<RouterId>,
    /// Where it is enforced: where what was ordered will be.
    pub target: Target,
    /// The language of the guest.
    pub locale: Locale,
    /// How long it lasts, in minutes.
    pub minutes: u32,
    /// What it allows.
    pub policy: AccessPolicy,
}
fact!(PaymentGraceGranted, about "payment" = payment_id, story = |fact| Some(fact.order_id.as_uuid()));

/// An order is paid. Its credentials are owed from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSucceeded {
    /// The payment.
    pub payment_id: PaymentId,
    /// The order it pays.
    pub order_id: OrderId,
    /// The order's number for people.
    pub order_number: String,
    /// Where the credentials will be used.
    pub site_id: SiteId,
    /// The router there, if it was to be a certain one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub router_id: Option<RouterId>,
    /// How much was paid.
    pub amount: Money,
    /// Whether the success came after the payment had been given up.
    pub late: bool,
    /// Who gets the credentials.
    pub contact: Contact,
    /// What was sold.
    pub package: SoldPackage,
    /// What is owed.
    pub units: Vec<OwedUnit>,
}
fact!(PaymentSucceeded, about "payment" = payment_id, story = |fact| Some(fact.order_id.as_uuid()));

/// A payment attempt came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentFailed {
    /// The payment.
    pub payment_id: PaymentId,
    /// The order it was for.
    pub order_id: OrderId,
    /// Why, as a stable word such as `declined` or `expired`.
    pub reason: String,
}
fact!(PaymentFailed, about "payment" = payment_id, story = |fact| Some(fact.order_id.as_uuid()));

/// An order that was paid before was paid again: the money is the customer's credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicatePaymentReceived {
    /// The second payment.
    pub payment_id: PaymentId,
    /// The order.
    pub order_id: OrderId,
    /// How much.
    pub amount: Money,
}
fact!(DuplicatePaymentReceived, about "payment" = payment_id, story = |fact| Some(fact.order_id.as_uuid()));

/// Everything that an order owed is ready for use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCompleted {
    /// The order.
    pub order_id: OrderId,
    /// Its number for people.
    pub order_number: String,
    /// Who ordered.
    pub contact: Contact,
    /// The name of what was sold.
    pub package_name: String,
    /// How many sets of credentials were made.
    pub units: u32,
}
fact!(OrderCompleted, about "order" = order_id, story = |fact| Some(fact.order_id.as_uuid()));

/// Billing has forgotten whose order it was: what is left of the person with others is to go too. It is told again when
/// something of theirs has come in after that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderForgotten {
    /// The order.
    pub order_id: OrderId,
}
fact!(OrderForgotten, about "order" = order_id, story = |fact| Some(fact.order_id.as_uuid()));

/// Some of what a paid order owed could not be made: a person has to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFulfilmentFailed {
    /// The order.
    pub order_id: OrderId,
    /// Its number for people.
    pub order_number: String,
    /// How many sets of credentials were made.
    pub delivered: u32,
    /// How many were not.
    pub failed: u32,
}
fact!(OrderFulfilmentFailed, about "order" = order_id, story = |fact| Some(fact.order_id.as_uuid()));

/// Some of what a paid order owed is not owed any more: its price goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitsWithdrawn {
    /// The order.
    pub order_id: OrderId,
    /// The units.
    pub units: Vec<UnitId>,
}
fact!(UnitsWithdrawn, about "order" = order_id, story = |fact| Some(fact.order_id.as_uuid()));

/// Money of a payment was paid back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundSucceeded {
    /// The refund.
    pub refund_id: RefundId,
    /// The payment whose money it was.
    pub payment_id: PaymentId,
    /// That payment's order.
    pub order_id: OrderId,
    /// The order's number for people.
    pub order_number: String,
    /// How much.
    pub amount: Money,
    /// How it went back, as a stable word such as `gateway` or `cash`.
    pub way: String,
    /// Whose it was.
    pub contact: Contact,
}
fact!(RefundSucceeded, about "refund" = refund_id, story = |fact| Some(fact.order_id.as_uuid()));

/// An agent has sold something out of their wallet: an order over the counter, or vouchers to be sold on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentSold {
    /// The agent's account.
    pub agent_id: UserId,
    /// The order, if it is one.
    pub order_id: Option<OrderId>,
    /// The vouchers, if it is vouchers.
    pub voucher_batch_id: Option<VoucherBatchId>,
    /// What the customers pay the agent.
    pub price: Money,
    /// The agent's part of it.
    pub commission: Money,
}
fact!(AgentSold, about "user" = agent_id, story = |_| None);
