//! Anybody's order.

use std::sync::Arc;

use actix_web::{get, web::Data};
use billing::queries::Scope;

use super::AdminOrderDetailsView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathText,
    },
};

/// One order, with each step of its way.
#[utoipa::path(
    tag = "Administration",
    operation_id = "admin_show_order",
    params(("order" = String, Path, description = "The order's id or number.", example = "ORD-20260117-000042")),
    responses(
        (status = 200, description = "The order.", body = Envelope<AdminOrderDetailsView>),
        (status = 404, description = "There is no such order."),
    )
)]
#[get("/api/v1/admin/orders/{order}")]
pub async fn admin_show_order(
    services: Data<Arc<Services>>,
    order: PathText,
) -> Result<Answer<AdminOrderDetailsView>, ApiError> {
    let order = services.billing.order(Scope::All, &order.0).await?;
    Ok(Answer::ok(order.ok_or(ApiErrorCode::NotFound)?.into()))
}
