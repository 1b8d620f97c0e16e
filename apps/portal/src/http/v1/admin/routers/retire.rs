//! Putting a router out of use.

use std::sync::Arc;

use actix_web::{delete, web::Data};
use kernel::id::of;

use super::{RouterDetailsView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::PathId,
        policy::RequestContext,
    },
};

/// Puts a router out of use for good. It stays in the record, as hotspot users name it.
#[utoipa::path(
    tag = "Administration",
    operation_id = "retire_router",
    params(("id" = Uuid, Path, description = "The router.")),
    responses(
        (status = 200, description = "The router, out of use.", body = Envelope<RouterDetailsView>),
        (status = 404, description = "There is no such router in use."),
        (status = 409, description = "`router_is_radius`: the portal itself looks after it. `router_in_use`: hotspot users that are not over are on it. `router_is_default`: make another the default first."),
    )
)]
#[delete("/api/v1/admin/routers/{id}")]
pub async fn retire_router(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::Router>,
) -> Result<Answer<RouterDetailsView>, ApiError> {
    services.hotspot.retire_router(id.0, &context.origin).await?;
    Ok(Answer::ok(shown(&services, id.0.as_uuid()).await?))
}
