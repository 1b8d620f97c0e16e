//! Deleting an access profile.

use std::sync::Arc;

use actix_web::{delete, web::Data};
use kernel::id::of;

use crate::{
    compose::Services,
    http::{envelope::NoContent, error::ApiError, input::PathId, policy::RequestContext},
};

/// Deletes an access profile that nobody has. Its history stays.
#[utoipa::path(
    tag = "Administration",
    operation_id = "delete_access_profile",
    params(("id" = uuid::Uuid, Path, description = "The access profile.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is no such access profile."),
        (status = 409, description = "`access_profile_in_use`: promotions or users have it; `errors` says how many."),
    )
)]
#[delete("/api/v1/admin/access-profiles/{id}")]
pub async fn delete_access_profile(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::AccessProfile>,
) -> Result<NoContent, ApiError> {
    services.radius.delete_profile(id.0, &context.origin).await?;
    Ok(NoContent)
}
