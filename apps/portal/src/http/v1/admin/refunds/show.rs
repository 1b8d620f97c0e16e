//! One refund.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use super::{RefundDetailsView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::PathId,
    },
};

/// One refund, with its moves and who made them.
#[utoipa::path(
    tag = "Administration",
    operation_id = "show_refund",
    params(("refund" = Uuid, Path, description = "The refund.")),
    responses(
        (status = 200, description = "The refund.", body = Envelope<RefundDetailsView>),
        (status = 404, description = "There is no such refund."),
    )
)]
#[get("/api/v1/admin/refunds/{refund}")]
pub async fn show_refund(
    services: Data<Arc<Services>>,
    refund: PathId<of::Refund>,
) -> Result<Answer<RefundDetailsView>, ApiError> {
    Ok(Answer::ok(shown(&services, refund.0).await?))
}
