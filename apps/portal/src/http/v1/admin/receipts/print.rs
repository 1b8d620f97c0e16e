//! The receipt of anybody's order.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use billing::queries::Scope;

use crate::{
    compose::Services,
    http::{
        error::{ApiError, ApiErrorCode},
        input::PathText,
        v1::orders::receipt::printed,
    },
};

/// The receipt of a paid order as PDF, in the customer's language.
#[utoipa::path(
    tag = "Administration",
    operation_id = "admin_download_receipt",
    params(("order" = String, Path, description = "The order's id or number.", example = "ORD-20260117-000042")),
    responses(
        (status = 200, description = "A page of A5.", body = Vec<u8>, content_type = "application/pdf"),
        (status = 404, description = "There is no such order."),
        (status = 409, description = "`order_not_paid`."),
    )
)]
#[get("/api/v1/admin/orders/{order}/receipt/pdf")]
pub async fn admin_download_receipt(
    services: Data<Arc<Services>>,
    order: PathText,
) -> Result<HttpResponse, ApiError> {
    let order = services.billing.order(Scope::All, &order.0).await?.ok_or(ApiErrorCode::NotFound)?;
    printed(&services, order).await
}
