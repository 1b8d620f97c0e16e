//! One of the caller's payments.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use super::PaymentDetailsView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
        policy::{Buyer, RequestContext},
    },
};

/// One payment, with its moves.
#[utoipa::path(
    tag = "Payments",
    operation_id = "show_payment",
    params(("payment" = Uuid, Path, description = "The payment.")),
    responses(
        (status = 200, description = "The payment.", body = Envelope<PaymentDetailsView>),
        (status = 404, description = "The caller has no such payment."),
    )
)]
#[get("/api/v1/payments/{payment}")]
pub async fn show_payment(
    services: Data<Arc<Services>>,
    buyer: Buyer,
    context: RequestContext,
    payment: PathId<of::Payment>,
) -> Result<Answer<PaymentDetailsView>, ApiError> {
    let payment = services.billing.payment(buyer.0, payment.0).await?;
    let payment = payment.ok_or(ApiErrorCode::NotFound)?;
    Ok(Answer::ok(PaymentDetailsView::of(payment, context.locale)))
}
