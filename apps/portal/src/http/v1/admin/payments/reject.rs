//! Saying that the money of a waiting payment has not arrived.

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
    },
};

/// What the decision rests on.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectPaymentRequest {
    /// What was looked at, and what was not there.
    #[validate(length(min = 3, max = 500))]
    #[schema(example = "Not in the statement of 17 January", min_length = 3, max_length = 500)]
    pub evidence: String,
}

/// Says that the money of a held or unknown payment has not arrived: the order can be paid anew.
#[utoipa::path(
    tag = "Administration",
    operation_id = "reject_payment",
    request_body = RejectPaymentRequest,
    params(("payment" = Uuid, Path, description = "The payment.")),
    responses(
        (status = 200, description = "The payment, failed.", body = Envelope<AdminPaymentDetailsView>),
        (status = 404, description = "There is no such payment."),
        (status = 409, description = "`payment_not_waiting`: it is neither held nor unknown."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[post("/api/v1/admin/payments/{payment}/reject")]
pub async fn reject_payment(
    services: Data<Arc<Services>>,
    context: RequestContext,
    payment: PathId<of::Payment>,
    body: Json<RejectPaymentRequest>,
) -> Result<Answer<AdminPaymentDetailsView>, ApiError> {
    let RejectPaymentRequest { evidence } = body.into_inner();
    let (payment_id, decision) = (payment.0, Decision::Reject);
    services
        .billing
        .decide_payment(&context.origin, DecidePayment { payment_id, decision, evidence })
        .await?;
    let decided = services.billing.payment(Scope::All, payment_id).await?;
    Ok(Answer::ok(decided.ok_or(ApiErrorCode::NotFound)?.into()))
}
