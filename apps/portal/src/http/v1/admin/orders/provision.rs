//! Trying again to make what an order owes.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::queries::Scope;
use hotspot::use_cases::{ProvisionOrder, ProvisionOrderError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathText,
        policy::RequestContext,
    },
};

/// What was set going.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Provisioning)]
pub struct ProvisioningView {
    /// Credentials that were missing and are made now.
    #[schema(example = 0)]
    pub prepared: usize,
    /// Credentials that failed or were on their way, and are tried again.
    #[schema(example = 1)]
    pub tried_again: usize,
    /// Credentials that are ready, or have ended.
    #[schema(example = 4)]
    pub left_alone: usize,
}

/// Tries again to make what a paid order owes. What is ready is left alone, so that it is safe to repeat.
#[utoipa::path(
    tag = "Administration",
    operation_id = "provision_order",
    params(("order" = String, Path, description = "The order's id or number.", example = "ORD-20260117-000042")),
    responses(
        (status = 202, description = "What was set going.", body = Envelope<ProvisioningView>),
        (status = 404, description = "There is no such order."),
        (status = 409, description = "`order_not_paid`."),
    )
)]
#[post("/api/v1/admin/orders/{order}/provision")]
pub async fn provision_order(
    services: Data<Arc<Services>>,
    context: RequestContext,
    order: PathText,
) -> Result<Answer<ProvisioningView>, ApiError> {
    let order = services.billing.order(Scope::All, &order.0).await?.ok_or(ApiErrorCode::NotFound)?.order;
    let command = ProvisionOrder { order_id: order.id };
    let going = services.hotspot.provision_order(command, &context.origin).await?;
    let view = ProvisioningView {
        prepared: going.prepared,
        tried_again: going.tried_again,
        left_alone: going.left_alone,
    };
    Ok(Answer::accepted(view, &format!("/api/v1/admin/orders/{}", order.id)))
}

impl From<ProvisionOrderError> for ApiError {
    fn from(error: ProvisionOrderError) -> Self {
        match error {
            ProvisionOrderError::NotPaid => ApiErrorCode::OrderNotPaid.into(),
            ProvisionOrderError::Prepare(error) => Self::internal(error),
        }
    }
}
