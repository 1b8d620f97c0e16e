//! Everything that has happened about an order.

use std::sync::Arc;

use actix_web::{get, web::Data};
use billing::queries::Scope;
use chrono::{DateTime, Utc};
use kernel::Event;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathText,
    },
};

/// An order of a hundred units has about five events for each.
const EVENTS_SHOWN: u64 = 1000;

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventView {
    /// Names the event.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e96")]
    pub id: Uuid,
    /// What kind of thing.
    #[schema(example = "PaymentSucceeded")]
    #[serde(rename = "type")]
    pub kind: String,
    /// When it became true.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub occurred_at: DateTime<Utc>,
    /// What kind of thing it is about.
    #[schema(example = "payment")]
    pub aggregate_kind: String,
    /// Which one.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e93")]
    pub aggregate_id: Uuid,
    /// The request that caused it.
    #[schema(example = "0197f2a4-6a1e-4c53-9b7e-2f5d8c1a3e90")]
    pub request_id: Option<String>,
    /// Its own fields, without what is sealed in them.
    #[schema(value_type = BTreeMap<String, Value>, example = json!({"number": "ORD-20260117-000042"}))]
    pub payload: Value,
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        let mut payload = event.payload;
        if let Value::Object(fields) = &mut payload {
            fields.retain(|name, _| !name.starts_with("sealed_"));
        }
        Self {
            id: event.id.as_uuid(),
            kind: event.kind,
            occurred_at: event.occurred_at,
            aggregate_kind: event.aggregate_kind,
            aggregate_id: event.aggregate_id,
            request_id: event.request_id.map(|id| id.to_string()),
            payload,
        }
    }
}

/// Everything that has happened about an order, oldest first.
#[utoipa::path(
    tag = "Administration",
    operation_id = "admin_list_order_events",
    params(("order" = String, Path, description = "The order's id or number.", example = "ORD-20260117-000042")),
    responses(
        (status = 200, description = "At most 1,000 events.", body = Envelope<Vec<EventView>>),
        (status = 404, description = "There is no such order."),
    )
)]
#[get("/api/v1/admin/orders/{order}/events")]
pub async fn admin_list_order_events(
    services: Data<Arc<Services>>,
    order: PathText,
) -> Result<Answer<Vec<EventView>>, ApiError> {
    let order = services.billing.order(Scope::All, &order.0).await?.ok_or(ApiErrorCode::NotFound)?.order;
    let events = services.database.story(order.id.as_uuid(), EVENTS_SHOWN).await?;
    Ok(Answer::ok(events.into_iter().map(EventView::from).collect()))
}
