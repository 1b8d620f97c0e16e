//! A person's word on a refund.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::use_cases::decide_refund::{DecideRefundError, RefundDecision};
use kernel::id::of;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{RefundDetailsView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::{Json, PathId},
        policy::RequestContext,
    },
};

/// What the word rests on.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideRefundRequest {
    /// A transfer's number, a signed receipt; or why the money does not go back.
    #[validate(length(min = 3, max = 500))]
    #[schema(example = "Cash receipt 117, signed by the customer", min_length = 3, max_length = 500)]
    pub evidence: String,
}

/// Says that a refund has been paid out: one that staff pay, or of which nobody knew.
#[utoipa::path(
    tag = "Administration",
    operation_id = "confirm_refund",
    request_body = DecideRefundRequest,
    params(("refund" = Uuid, Path, description = "The refund.")),
    responses(
        (status = 200, description = "The refund, successful.", body = Envelope<RefundDetailsView>),
        (status = 404, description = "There is no such refund."),
        (status = 409, description = "`refund_not_waiting`: it is not approved, has ended, or the gateway will say."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[post("/api/v1/admin/refunds/{refund}/confirm")]
pub async fn confirm_refund(
    services: Data<Arc<Services>>,
    context: RequestContext,
    refund: PathId<of::Refund>,
    body: Json<DecideRefundRequest>,
) -> Result<Answer<RefundDetailsView>, ApiError> {
    let (id, decision) = (refund.0, RefundDecision::Confirm);
    services.billing.decide_refund(&context.origin, id, decision, body.into_inner().evidence).await?;
    Ok(Answer::ok(shown(&services, id).await?))
}

/// Says that a refund is not to be, or has not been paid out: its amount may be refunded anew.
///
/// Units that were withdrawn stay so.
#[utoipa::path(
    tag = "Administration",
    operation_id = "reject_refund",
    request_body = DecideRefundRequest,
    params(("refund" = Uuid, Path, description = "The refund.")),
    responses(
        (status = 200, description = "The refund, rejected or failed.", body = Envelope<RefundDetailsView>),
        (status = 404, description = "There is no such refund."),
        (status = 409, description = "`refund_not_waiting`: it has ended, or the gateway will say."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[post("/api/v1/admin/refunds/{refund}/reject")]
pub async fn reject_refund(
    services: Data<Arc<Services>>,
    context: RequestContext,
    refund: PathId<of::Refund>,
    body: Json<DecideRefundRequest>,
) -> Result<Answer<RefundDetailsView>, ApiError> {
    let (id, decision) = (refund.0, RefundDecision::Reject);
    services.billing.decide_refund(&context.origin, id, decision, body.into_inner().evidence).await?;
    Ok(Answer::ok(shown(&services, id).await?))
}

impl From<DecideRefundError> for ApiError {
    fn from(error: DecideRefundError) -> Self {
        match error {
            DecideRefundError::NotFound => ApiErrorCode::NotFound.into(),
            DecideRefundError::NotWaiting(_) => ApiErrorCode::RefundNotWaiting.into(),
            DecideRefundError::Store(error) => error.into(),
        }
    }
}
