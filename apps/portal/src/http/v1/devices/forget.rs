//! Forgetting a device.

use std::sync::Arc;

use actix_web::{delete, web::Data};
use kernel::id::of;

use crate::{
    compose::Services,
    http::{
        envelope::NoContent,
        error::ApiError,
        input::PathId,
        policy::{Caller, RequestContext},
    },
};

/// Forgets one of the caller's devices. Its sessions stay; when it signs in again, it is a new device, switched on.
#[utoipa::path(
    tag = "Devices",
    operation_id = "forget_device",
    params(("id" = uuid::Uuid, Path, description = "The device", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e91")),
    responses(
        (status = 204, description = "The device is forgotten."),
        (status = 404, description = "`not_found`: the caller has no such device."),
    )
)]
#[delete("/api/v1/devices/{id}")]
pub async fn forget_device(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    id: PathId<of::Device>,
) -> Result<NoContent, ApiError> {
    services.hotspot.delete_device(caller.0.user_id, id.0, &context.origin).await?;
    Ok(NoContent)
}
