//! Deleting a promotion.

use std::sync::Arc;

use actix_web::{delete, web::Data};
use kernel::id::of;

use crate::{
    compose::Services,
    http::{envelope::NoContent, error::ApiError, input::PathId, policy::RequestContext},
};

/// Deletes a promotion that no user belongs to.
#[utoipa::path(
    tag = "Administration",
    operation_id = "delete_promotion",
    params(("id" = uuid::Uuid, Path, description = "The promotion.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is no such promotion."),
        (status = 409, description = "`promotion_not_empty`: users belong to it; `errors` says how many."),
    )
)]
#[delete("/api/v1/admin/promotions/{id}")]
pub async fn delete_promotion(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::Promotion>,
) -> Result<NoContent, ApiError> {
    services.radius.delete_promotion(id.0, &context.origin).await?;
    Ok(NoContent)
}
