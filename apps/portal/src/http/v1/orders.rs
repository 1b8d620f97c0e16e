//! The caller's own orders.

use billing::{
    Order, OrderStatus, Payment, Unit, UnitStatus,
    queries::{OrderDetails, OrderFilter},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::payments::PaymentView;
use crate::http::money::MoneyView;

pub mod cancel;
pub mod credentials;
pub mod list;
pub mod place;
pub mod receipt;
pub mod show;

/// An order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderView {
    /// Names the order.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    pub id: Uuid,
    /// Its number for people.
    #[schema(example = "ORD-20260117-000042")]
    pub number: String,
    /// Where it stands.
    pub status: OrderStatusWord,
    /// Which package was ordered.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e91")]
    pub user_profile_id: Uuid,
    /// The package's name, as it was then.
    #[schema(example = "2H")]
    pub user_profile_name: String,
    /// How many sets of credentials.
    #[schema(example = 2, minimum = 1, maximum = 100)]
    pub quantity: u32,
    /// The price of one, as it was then.
    pub unit_price: MoneyView,
    /// The price of all.
    pub total: MoneyView,
    /// When it was placed.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub created_at: DateTime<Utc>,
    /// An unpaid order ends then.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub expires_at: DateTime<Utc>,
    /// When it was paid.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub paid_at: Option<DateTime<Utc>>,
    /// When everything ordered was ready.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub completed_at: Option<DateTime<Utc>>,
}

/// An order with each step of its way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderDetails)]
pub struct OrderDetailsView {
    /// The order itself.
    #[serde(flatten)]
    pub order: OrderView,
    /// Its way so far, in order.
    pub steps: Vec<OrderStep>,
    /// The sets of credentials that it owes once it is paid.
    pub units: Vec<UnitView>,
    /// The attempts to pay it, latest first.
    pub payments: Vec<PaymentView>,
}

/// A step on an order's way.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderStep {
    /// Which step: `placed`, `paid`, `provisioned` or `credentials_sent`.
    #[schema(example = "paid")]
    pub step: &'static str,
    /// When it was taken in full; `null` while it is not.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub done_at: Option<DateTime<Utc>>,
    /// How many of the order's sets of credentials have taken it.
    #[schema(example = 2)]
    pub done: u32,
    /// How many there are.
    #[schema(example = 2)]
    pub of: u32,
}

/// One set of credentials that an order owes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Unit)]
pub struct UnitView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e92")]
    pub id: Uuid,
    /// Its place in the order.
    #[schema(example = 1, minimum = 1)]
    pub number: u32,
    /// Where it stands.
    pub status: UnitStatusWord,
    /// Why it could not be made.
    #[schema(example = json!(null))]
    pub failure: Option<String>,
    /// When it was ready.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub activated_at: Option<DateTime<Utc>>,
    /// When a message with the credentials left for the customer.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub credentials_sent_at: Option<DateTime<Utc>>,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderStatus, example = "pending")]
#[serde(rename_all = "snake_case")]
pub enum OrderStatusWord {
    /// Placed, not paid.
    Pending,
    /// Paid in full.
    Paid,
    /// The credentials are being made.
    Processing,
    /// Everything ordered is ready.
    Completed,
    /// Some of it could not be made.
    PartiallyCompleted,
    /// None of it could be made.
    Failed,
    /// Given up by the customer.
    Cancelled,
    /// Not paid in time.
    Expired,
    /// All that was paid for it has gone back.
    Refunded,
}

/// Where a set of credentials stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = UnitStatus, example = "active")]
#[serde(rename_all = "snake_case")]
pub enum UnitStatusWord {
    /// Owed; nobody has begun.
    Queued,
    /// Being made.
    Provisioning,
    /// Ready for use.
    Active,
    /// Could not be made.
    Failed,
    /// Not owed any more: its price goes back.
    Withdrawn,
}

/// Which orders to list.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct OrderQuery {
    /// Only with this status.
    pub status: Option<OrderStatusWord>,
    /// Only placed at this moment or later.
    #[param(example = "2026-01-17T12:00:00Z")]
    pub from: Option<DateTime<Utc>>,
    /// Only placed before this moment.
    #[param(example = "2026-01-17T12:00:00Z")]
    pub to: Option<DateTime<Utc>>,
    /// Only whose number begins like this.
    #[validate(length(max = 40))]
    #[param(max_length = 40, example = "ORD-20260117")]
    pub number: Option<String>,
}

impl From<OrderQuery> for OrderFilter {
    fn from(query: OrderQuery) -> Self {
        let OrderQuery { status, from, to, number } = query;
        let status = status.map(OrderStatus::from);
        Self { status, from, to, number, ..Self::default() }
    }
}

impl From<Order> for OrderView {
    fn from(order: Order) -> Self {
        Self {
            id: order.id.as_uuid(),
            number: order.number,
            status: order.status.into(),
            user_profile_id: order.package_id.as_uuid(),
            user_profile_name: order.package.name,
            quantity: order.quantity.get(),
            unit_price: order.unit_price.into(),
            total: order.total.into(),
            created_at: order.created_at,
            expires_at: order.expires_at,
            paid_at: order.paid_at,
            completed_at: order.completed_at,
        }
    }
}

impl From<OrderDetails> for OrderDetailsView {
    fn from(details: OrderDetails) -> Self {
        let steps = steps(&details.order, &details.units);
        Self {
            order: details.order.into(),
            steps,
            units: details.units.into_iter().map(UnitView::from).collect(),
            payments: details.payments.into_iter().map(|payment: Payment| payment.into()).collect(),
        }
    }
}

fn steps(order: &Order, units: &[Unit]) -> Vec<OrderStep> {
    let of = order.quantity.get();
    let whole = |step, done_at: Option<DateTime<Utc>>| OrderStep {
        step,
        done_at,
        done: if done_at.is_some() { of } else { 0 },
        of,
    };
    let by_unit = |step, moment: fn(&Unit) -> Option<DateTime<Utc>>| {
        let moments: Vec<_> = units.iter().filter_map(moment).collect();
        let done = u32::try_from(moments.len()).unwrap_or(u32::MAX);
        OrderStep { step, done_at: moments.into_iter().max().filter(|_| done == of), done, of }
    };
    vec![
        whole("placed", Some(order.created_at)),
        whole("paid", order.paid_at),
        by_unit("provisioned", |unit| unit.activated_at),
        by_unit("credentials_sent", |unit| unit.credentials_sent_at),
    ]
}

impl From<Unit> for UnitView {
    fn from(unit: Unit) -> Self {
        Self {
            id: unit.id.as_uuid(),
            number: unit.number,
            status: unit.status.into(),
            failure: unit.failure,
            activated_at: unit.activated_at,
            credentials_sent_at: unit.credentials_sent_at,
        }
    }
}

impl From<UnitStatus> for UnitStatusWord {
    fn from(status: UnitStatus) -> Self {
        match status {
            UnitStatus::Queued => Self::Queued,
            UnitStatus::Provisioning => Self::Provisioning,
            UnitStatus::Active => Self::Active,
            UnitStatus::Failed => Self::Failed,
            UnitStatus::Withdrawn => Self::Withdrawn,
        }
    }
}

impl From<OrderStatus> for OrderStatusWord {
    fn from(status: OrderStatus) -> Self {
        match status {
            OrderStatus::Pending => Self::Pending,
            OrderStatus::Paid => Self::Paid,
            OrderStatus::Processing => Self::Processing,
            OrderStatus::Completed => Self::Completed,
            OrderStatus::PartiallyCompleted => Self::PartiallyCompleted,
            OrderStatus::Failed => Self::Failed,
            OrderStatus::Cancelled => Self::Cancelled,
            OrderStatus::Expired => Self::Expired,
            OrderStatus::Refunded => Self::Refunded,
        }
    }
}

impl From<OrderStatusWord> for OrderStatus {
    fn from(word: OrderStatusWord) -> Self {
        match word {
            OrderStatusWord::Pending => Self::Pending,
            OrderStatusWord::Paid => Self::Paid,
            OrderStatusWord::Processing => Self::Processing,
            OrderStatusWord::Completed => Self::Completed,
            OrderStatusWord::PartiallyCompleted => Self::PartiallyCompleted,
            OrderStatusWord::Failed => Self::Failed,
            OrderStatusWord::Cancelled => Self::Cancelled,
            OrderStatusWord::Expired => Self::Expired,
            OrderStatusWord::Refunded => Self::Refunded,
        }
    }
}
