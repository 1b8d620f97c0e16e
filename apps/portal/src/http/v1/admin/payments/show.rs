//! Anybody's payment.

use std::sync::Arc;

use actix_web::{get, web::Data};
use billing::queries::Scope;
use kernel::id::of;

use super::AdminPaymentDetailsView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
    },
};

/// One payment, with its moves and who made them.
#[utoipa::path(
    tag = "Administration",
    operation_id = "admin_show_payment",
    params(("payment" = Uuid, Path, description = "The payment.")),
    responses(
        (status = 200, description = "The payment.", body = Envelope<AdminPaymentDetailsView>),
        (status = 404, description = "There is no such payment."),
    )
)]
#[get("/api/v1/admin/payments/{payment}")]
pub async fn admin_show_payment(
    services: Data<Arc<Services>>,
    payment: PathId<of::Payment>,
) -> Result<Answer<AdminPaymentDetailsView>, ApiError> {
    let payment = services.billing.payment(Scope::All, payment.0).await?;
    Ok(Answer::ok(payment.ok_or(ApiErrorCode::NotFound)?.into()))
}
