//! The credentials that an order has bought.

use std::sync::Arc;

use actix_web::{get, http::header, web::Data};
use hotspot::queries::UnitCredentials;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathText,
        policy::Buyer,
        v1::hotspot_users::{HotspotUserStatusWord, credentials::CredentialsView},
    },
};

/// One set of credentials of an order, as far as it is.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderCredentials)]
pub struct OrderCredentialsView {
    /// Its place in the order, from 1.
    #[schema(example = 1, minimum = 1)]
    number: u32,
    /// Where it stands.
    status: HotspotUserStatusWord,
    /// The credentials themselves; null while they do not work yet.
    credentials: Option<CredentialsView>,
}

/// Shows the usernames and passwords that an order has bought.
///
/// An order that is not paid has none. Only the buyer sees them, not even an administrator, and no cache keeps them.
#[utoipa::path(
    tag = "Orders",
    operation_id = "list_order_credentials",
    params(("order" = String, Path, description = "The order's id or number.", example = "ORD-20260117-000042")),
    responses(
        (
            status = 200,
            description = "The credentials, by number.",
            body = Envelope<Vec<OrderCredentialsView>>,
            headers(("Cache-Control" = String, description = "Always `no-store`")),
        ),
        (status = 404, description = "The caller has no such order."),
    )
)]
#[get("/api/v1/orders/{order}/credentials")]
pub async fn list_order_credentials(
    services: Data<Arc<Services>>,
    buyer: Buyer,
    order: PathText,
) -> Result<Answer<Vec<OrderCredentialsView>>, ApiError> {
    let order = services.billing.order(buyer.0, &order.0).await?.ok_or(ApiErrorCode::NotFound)?.order.id;
    let credentials = services.hotspot.credentials_of_order(order).await?;
    let credentials: Vec<_> = credentials.into_iter().map(OrderCredentialsView::from).collect();
    Ok(Answer::ok(credentials).with_header(header::CACHE_CONTROL, "no-store"))
}

impl From<UnitCredentials> for OrderCredentialsView {
    fn from(unit: UnitCredentials) -> Self {
        Self {
            number: unit.unit_number,
            status: unit.status.into(),
            credentials: unit.credentials.map(Into::into),
        }
    }
}
