//! One of the caller's orders.

use std::sync::Arc;

use actix_web::{get, http::header, web::Data};
use billing::queries::OrderDetails;
use serde::Serialize;
use utoipa::ToSchema;

use super::OrderDetailsView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathText,
        policy::Buyer,
        v1::hotspot_users::credentials::CredentialsView,
    },
};

/// An order with each step of its way, for its buyer.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnOrderDetails)]
pub struct OwnOrderDetailsView {
    /// The order with its way.
    #[serde(flatten)]
    details: OrderDetailsView,
    /// What lets a guest be online for a moment while the payment waits, where the site grants it; null before it works and
    /// after its end.
    grace: Option<CredentialsView>,
}

/// One order, with each step of its way: paid, provisioned, credentials sent.
///
/// A guest whose payment waits finds what lets them be online meanwhile, if the site grants that. No cache keeps it.
#[utoipa::path(
    tag = "Orders",
    operation_id = "show_order",
    params(("order" = String, Path, description = "The order's id or number.", example = "ORD-20260117-000042")),
    responses(
        (
            status = 200,
            description = "The order.",
            body = Envelope<OwnOrderDetailsView>,
            headers(("Cache-Control" = String, description = "Always `no-store`")),
        ),
        (status = 404, description = "The caller has no such order."),
    )
)]
#[get("/api/v1/orders/{order}")]
pub async fn show_order(
    services: Data<Arc<Services>>,
    buyer: Buyer,
    order: PathText,
) -> Result<Answer<OwnOrderDetailsView>, ApiError> {
    let details = services.billing.order(buyer.0, &order.0).await?.ok_or(ApiErrorCode::NotFound)?;
    let grace = grace(&services, &details).await?;
    let shown = OwnOrderDetailsView { details: details.into(), grace };
    Ok(Answer::ok(shown).with_header(header::CACHE_CONTROL, "no-store"))
}

async fn grace(services: &Services, details: &OrderDetails) -> Result<Option<CredentialsView>, ApiError> {
    if details.order.contact.user_id.is_some() {
        return Ok(None);
    }
    Ok(services.hotspot.grace_of_order(details.order.id).await?.map(Into::into))
}
