//! Everybody's orders.

use billing::queries::{OrderDetails, OrderFilter};
use kernel::Id;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::http::v1::orders::{OrderDetailsView, OrderQuery, OrderView};

pub mod events;
pub mod export;
pub mod list;
pub mod provision;
pub mod show;
pub mod totals;

/// An order, with who placed it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdminOrder)]
pub struct AdminOrderView {
    /// The order itself.
    #[serde(flatten)]
    pub order: OrderView,
    /// The account that placed it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    pub user_id: Option<Uuid>,
    /// Where the credentials will be used.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e95")]
    pub site_id: Uuid,
}

/// An order with each step of its way, and who placed it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdminOrderDetails)]
pub struct AdminOrderDetailsView {
    /// The order with its way.
    #[serde(flatten)]
    pub details: OrderDetailsView,
    /// The account that placed it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    pub user_id: Option<Uuid>,
    /// Where text messages go.
    #[schema(example = "+243812345678")]
    pub phone: Option<String>,
    /// Where email goes.
    #[schema(example = "jean@example.cd")]
    pub email: Option<String>,
    /// Where the credentials will be used.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e95")]
    pub site_id: Uuid,
    /// The router there, if it was to be a certain one.
    #[schema(example = json!(null))]
    pub router_id: Option<Uuid>,
}

impl From<billing::Order> for AdminOrderView {
    fn from(order: billing::Order) -> Self {
        let user_id = order.contact.user_id.map(|user| user.as_uuid());
        let site_id = order.site_id.as_uuid();
        Self { order: order.into(), user_id, site_id }
    }
}

impl From<OrderDetails> for AdminOrderDetailsView {
    fn from(details: OrderDetails) -> Self {
        let contact = details.order.contact.clone();
        Self {
            user_id: contact.user_id.map(|user| user.as_uuid()),
            phone: contact.phone.map(|phone| phone.to_string()),
            email: contact.email.map(|email| email.to_string()),
            site_id: details.order.site_id.as_uuid(),
            router_id: details.order.router_id.map(|id| id.as_uuid()),
            details: details.into(),
        }
    }
}

/// Whose orders to list.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PartiesQuery {
    /// Only those of this account.
    #[param(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    pub user_id: Option<Uuid>,
    /// Only those that this agent has sold.
    #[param(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e97")]
    pub agent_id: Option<Uuid>,
}

fn filter(query: OrderQuery, parties: &PartiesQuery) -> OrderFilter {
    OrderFilter {
        user_id: parties.user_id.map(Id::from_uuid),
        agent_id: parties.agent_id.map(Id::from_uuid),
        ..query.into()
    }
}
