//! Saying that the money of a waiting payment has arrived.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::{
    queries::Scope,
    use_cases::decide_payment::{DecidePayment, Decision},
};
use kernel::id::of;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::AdminPaymentDetailsView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::{Json, PathId},
        policy::RequestContext,
        v1::admin::user_profiles::MoneyInput,
    },
};

/// What the decision rests on.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmPaymentRequest {
    /// A transaction id, a line of a statement: whatever proves it.
    #[validate(length(min = 3, max = 500))]
    #[schema(example = "SerdiPay dashboard, transaction 700000042", min_length = 3, max_length = 500)]
    pub evidence: String,
    /// How much arrived; the payment's own amount when nothing is said.
    #[serde(default)]
    #[validate(nested)]
    pub received: Option<MoneyInput>,
}

/// Says that the money of a held, unknown or given-up payment has arrived: the order is paid by it.
#[utoipa::path(
    tag = "Administration",
    operation_id = "confirm_payment",
    request_body = ConfirmPaymentRequest,
    params(("payment" = Uuid, Path, description = "The payment.")),
    responses(
        (status = 200, description = "The payment, successful.", body = Envelope<AdminPaymentDetailsView>),
        (status = 404, description = "There is no such payment."),
        (status = 409, description = "`payment_not_waiting`: it has succeeded, or may still do so by itself."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[post("/api/v1/admin/payments/{payment}/confirm")]
pub async fn confirm_payment(
    services: Data<Arc<Services>>,
    context: RequestContext,
    payment: PathId<of::Payment>,
    body: Json<ConfirmPaymentRequest>,
) -> Result<Answer<AdminPaymentDetailsView>, ApiError> {
    let ConfirmPaymentRequest { evidence, received } = body.into_inner();
    let received = received.map(|money| money.parse("received")).transpose()?;
    let (payment_id, decision) = (payment.0, Decision::Confirm(received));
    services
        .billing
        .decide_payment(&context.origin, DecidePayment { payment_id, decision, evidence })
        .await?;
    let decided = services.billing.payment(Scope::All, payment_id).await?;
    Ok(Answer::ok(decided.ok_or(ApiErrorCode::NotFound)?.into()))
}
