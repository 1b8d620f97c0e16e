//! Choosing the router that takes a site's new hotspot users.

use std::sync::Arc;

use actix_web::{post, web::Data};
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

/// Has a router take its site's new hotspot users from now on, instead of the one that did.
#[utoipa::path(
    tag = "Administration",
    operation_id = "make_default_router",
    params(("id" = Uuid, Path, description = "The router.")),
    responses(
        (status = 200, description = "The router, now the default of its site.", body = Envelope<RouterDetailsView>),
        (status = 404, description = "There is no such router in use."),
        (status = 409, description = "`router_is_radius`: the portal itself looks after it. `router_disabled`: it takes nobody."),
    )
)]
#[post("/api/v1/admin/routers/{id}/default")]
pub async fn make_default_router(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::Router>,
) -> Result<Answer<RouterDetailsView>, ApiError> {
    services.hotspot.make_default_router(id.0, &context.origin).await?;
    Ok(Answer::ok(shown(&services, id.0.as_uuid()).await?))
}
