//! Adding a router.

use std::sync::Arc;

use actix_web::{post, web::Data};

use super::{RouterDetailsView, RouterRequest, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::Json,
        policy::RequestContext,
    },
};

/// Adds a router. The first of a site takes the site's new hotspot users. Nothing is sent to it yet: test it.
#[utoipa::path(
    tag = "Administration",
    operation_id = "create_router",
    request_body = RouterRequest,
    responses(
        (status = 201, description = "The router.", body = Envelope<RouterDetailsView>),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[post("/api/v1/admin/routers")]
pub async fn create_router(
    services: Data<Arc<Services>>,
    context: RequestContext,
    body: Json<RouterRequest>,
) -> Result<Answer<RouterDetailsView>, ApiError> {
    let (site_id, description) = body.into_inner().read(&services).await?;
    let id = services.hotspot.add_router(site_id, description, &context.origin).await?;
    let view = shown(&services, id.as_uuid()).await?;
    Ok(Answer::created(view, &format!("/api/v1/admin/routers/{id}")))
}
