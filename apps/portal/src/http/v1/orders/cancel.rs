//! Giving an unpaid order up.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::use_cases::cancel_order::CancelOrderError;

use super::OrderDetailsView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathText,
        policy::{Buyer, RequestContext},
    },
};

/// Cancels a pending order.
///
/// Refused while a payment for it may still bring money. Cancelling it again changes nothing.
#[utoipa::path(
    tag = "Orders",
    operation_id = "cancel_order",
    params(("order" = String, Path, description = "The order's id or number.", example = "ORD-20260117-000042")),
    responses(
        (status = 200, description = "The cancelled order.", body = Envelope<OrderDetailsView>),
        (status = 404, description = "The caller has no such order."),
        (status = 409, description = "`order_not_pending` or `payment_under_way`."),
    )
)]
#[post("/api/v1/orders/{order}/cancel")]
pub async fn cancel_order(
    services: Data<Arc<Services>>,
    buyer: Buyer,
    context: RequestContext,
    order: PathText,
) -> Result<Answer<OrderDetailsView>, ApiError> {
    let found = services.billing.order(buyer.0, &order.0).await?.ok_or(ApiErrorCode::NotFound)?.order.id;
    services.billing.cancel_order(&context.origin, buyer.0, found).await?;
    let cancelled = services.billing.order(buyer.0, &found.to_string()).await?;
    Ok(Answer::ok(cancelled.ok_or(ApiErrorCode::NotFound)?.into()))
}

impl From<CancelOrderError> for ApiError {
    fn from(error: CancelOrderError) -> Self {
        match error {
            CancelOrderError::NotFound => ApiErrorCode::NotFound.into(),
            CancelOrderError::NotPending(_) => ApiErrorCode::OrderNotPending.into(),
            CancelOrderError::PaymentUnderWay => ApiErrorCode::PaymentUnderWay.into(),
            CancelOrderError::Store(error) => error.into(),
        }
    }
}
