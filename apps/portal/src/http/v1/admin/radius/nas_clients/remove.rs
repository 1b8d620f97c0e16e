//! Forgetting a NAS client.

use std::sync::Arc;

use actix_web::{delete, web::Data};
use kernel::id::of;

use crate::{
    compose::Services,
    http::{envelope::NoContent, error::ApiError, input::PathId, policy::RequestContext},
};

/// Forgets a NAS client: its packets are dropped from then on. What it has told of sessions stays.
#[utoipa::path(
    tag = "Administration",
    operation_id = "remove_nas_client",
    params(("id" = Uuid, Path, description = "The NAS client.")),
    responses(
        (status = 204, description = "It is forgotten."),
        (status = 404, description = "There is no such NAS client."),
    )
)]
#[delete("/api/v1/admin/radius/nas-clients/{id}")]
pub async fn remove_nas_client(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::NasClient>,
) -> Result<NoContent, ApiError> {
    services.radius.remove_nas_client(id.0, &context.origin).await?;
    Ok(NoContent)
}
