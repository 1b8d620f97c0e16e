//! One of the caller's payments.

use std::sync::Arc;

use actix_web::{get, web::Data};
use billing::queries::Scope;
use kernel::id::of;

use super::PaymentDetailsView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
        policy::{Caller, RequestContext},
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
    caller: Caller,
    context: RequestContext,
    payment: PathId<of::Payment>,
) -> Result<Answer<PaymentDetailsView>, ApiError> {
    let payment = services.billing.payment(Scope::Own(caller.0.user_id), payment.0).await?;
    let payment = payment.ok_or(ApiErrorCode::NotFound)?;
    Ok(Answer::ok(PaymentDetailsView::of(payment, context.locale)))
}
