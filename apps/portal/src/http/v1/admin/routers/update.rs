//! Changing a router.

use std::sync::Arc;

use actix_web::{put, web::Data};
use kernel::id::of;

use super::{RouterDetailsView, RouterRequest, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        input::{Json, PathId},
        policy::RequestContext,
    },
};

/// Changes a router: the whole of it, but for the password, which it keeps when none is given.
///
/// How the default router of the settings is reached is not changed here but there.
#[utoipa::path(
    tag = "Administration",
    operation_id = "update_router",
    request_body = RouterRequest,
    params(("id" = Uuid, Path, description = "The router.")),
    responses(
        (status = 200, description = "The router, changed.", body = Envelope<RouterDetailsView>),
        (status = 404, description = "There is no such router in use."),
        (status = 409, description = "`router_is_radius`: the portal itself looks after it. `router_configured`: the settings describe how it is reached. `router_is_default`: it would not take users any more."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[put("/api/v1/admin/routers/{id}")]
pub async fn update_router(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::Router>,
    body: Json<RouterRequest>,
) -> Result<Answer<RouterDetailsView>, ApiError> {
    let request = body.into_inner();
    let present = services.hotspot.find_router(id.0).await?.ok_or(ApiErrorCode::NotFound)?.router;
    if request.site_id.is_some_and(|site| site != present.site_id.as_uuid()) {
        let problem = FieldProblem::Said("ne peut pas changer".to_owned(), "cannot be changed".to_owned());
        return Err(ApiError::field("site_id", problem));
    }
    let request = RouterRequest { site_id: Some(present.site_id.as_uuid()), ..request };
    let (_, description) = request.read(&services).await?;
    services.hotspot.change_router(id.0, description, &context.origin).await?;
    Ok(Answer::ok(shown(&services, id.0.as_uuid()).await?))
}
