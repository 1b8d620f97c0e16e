//! Lifting a block.

use std::sync::Arc;

use actix_web::{delete, web::Data};
use kernel::id::of;

use crate::{
    compose::Services,
    http::{envelope::NoContent, error::ApiError, input::PathId, policy::RequestContext},
};

/// Lifts a block, on every router that has it.
#[utoipa::path(
    tag = "Administration",
    operation_id = "lift_block",
    params(("id" = uuid::Uuid, Path, description = "The block", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e97")),
    responses(
        (status = 204, description = "The block is lifted."),
        (status = 404, description = "`not_found`: there is no such block, or it was lifted before."),
    )
)]
#[delete("/api/v1/admin/blocks/{id}")]
pub async fn lift_block(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::Block>,
) -> Result<NoContent, ApiError> {
    services.hotspot.lift_block(id.0, &context.origin).await?;
    Ok(NoContent)
}
