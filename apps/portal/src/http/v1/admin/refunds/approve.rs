//! A second person approves a refund.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::use_cases::approve_refund::{ApproveRefundError, CannotApprove};
use kernel::id::of;

use super::{RefundDetailsView, shown, units_used};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        input::PathId,
        policy::RequestContext,
    },
};

/// Approves a refund that somebody else has asked for.
///
/// Its units are withdrawn, and it is paid out: by the gateway, at once, or by staff, who confirm it.
#[utoipa::path(
    tag = "Administration",
    operation_id = "approve_refund",
    params(("refund" = Uuid, Path, description = "The refund.")),
    responses(
        (status = 200, description = "The refund, approved.", body = Envelope<RefundDetailsView>),
        (status = 404, description = "There is no such refund."),
        (status = 409, description = "`own_refund`: whoever asked for it does not approve it. `refund_not_waiting`: it does not wait for approval. `units_used`: credentials were used since it was asked for; reject it, and ask anew. `not_enough_credit`: the customer has spent the credit that it would come from."),
        (status = 422, description = "It cannot go back in its `way` any more: reject it, and ask anew."),
    )
)]
#[post("/api/v1/admin/refunds/{refund}/approve")]
pub async fn approve_refund(
    services: Data<Arc<Services>>,
    context: RequestContext,
    refund: PathId<of::Refund>,
) -> Result<Answer<RefundDetailsView>, ApiError> {
    let known = services.billing.refund(refund.0).await?.ok_or(ApiErrorCode::NotFound)?.0;
    let used = services.hotspot.used_units(known.order_id).await?;
    services.billing.approve_refund(&context.origin, refund.0, &used).await?;
    Ok(Answer::ok(shown(&services, refund.0).await?))
}

impl From<ApproveRefundError> for ApiError {
    fn from(error: ApproveRefundError) -> Self {
        match error {
            ApproveRefundError::NotFound => ApiErrorCode::NotFound.into(),
            ApproveRefundError::OwnRequest => ApiErrorCode::OwnRefund.into(),
            ApproveRefundError::NotRequested(_) => ApiErrorCode::RefundNotWaiting.into(),
            ApproveRefundError::Used(numbers) => units_used(&numbers),
            ApproveRefundError::CannotApprove(error) => error.into(),
            ApproveRefundError::Store(error) => error.into(),
        }
    }
}

impl From<CannotApprove> for ApiError {
    fn from(error: CannotApprove) -> Self {
        match error {
            CannotApprove::CreditSpent(left) => {
                let said = (
                    format!("il reste {left} du crédit du client"),
                    format!("{left} is left of the customer's credit"),
                );
                Self::new(ApiErrorCode::NotEnoughCredit)
                    .and_field("amount", FieldProblem::Said(said.0, said.1))
            }
            CannotApprove::WayClosed(way) => {
                let said = (
                    format!("ce paiement ne se rembourse pas par {}", way.as_str()),
                    format!("this payment does not go back by {}", way.as_str()),
                );
                Self::field("way", FieldProblem::Said(said.0, said.1))
            }
            CannotApprove::Store(error) => error.into(),
        }
    }
}
