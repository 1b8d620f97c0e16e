//! One of the caller's orders.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::OrderDetailsView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathText,
        policy::Buyer,
    },
};

/// One order, with each step of its way: paid, provisioned, credentials sent.
#[utoipa::path(
    tag = "Orders",
    operation_id = "show_order",
    params(("order" = String, Path, description = "The order's id or number.", example = "ORD-20260117-000042")),
    responses(
        (status = 200, description = "The order.", body = Envelope<OrderDetailsView>),
        (status = 404, description = "The caller has no such order."),
    )
)]
#[get("/api/v1/orders/{order}")]
pub async fn show_order(
    services: Data<Arc<Services>>,
    buyer: Buyer,
    order: PathText,
) -> Result<Answer<OrderDetailsView>, ApiError> {
    let order = services.billing.order(buyer.0, &order.0).await?;
    Ok(Answer::ok(order.ok_or(ApiErrorCode::NotFound)?.into()))
}
