//! Having FreeRADIUS read its configuration anew.

use std::sync::Arc;

use actix_web::{post, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    compose::Services,
    config::RadiusSettings,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        policy::RequestContext,
    },
};

/// A reload that is on its way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RadiusReload)]
pub struct ReloadView {
    /// Always true: a worker runs the command.
    #[schema(example = true)]
    queued: bool,
}

/// Has FreeRADIUS read its configuration anew: a worker runs `RADIUS_RELOAD_COMMAND`. Nothing in it comes from a request,
/// and there is no shell. One that is on its way already is enough.
#[utoipa::path(
    tag = "Administration",
    operation_id = "reload_radius",
    responses(
        (status = 202, description = "A worker does it.", body = Envelope<ReloadView>),
        (status = 409, description = "`radius_not_reloadable`: no command is set. The portal's own server needs none."),
    )
)]
#[post("/api/v1/admin/radius/reload")]
pub async fn reload_radius(
    services: Data<Arc<Services>>,
    settings: Data<RadiusSettings>,
    context: RequestContext,
) -> Result<Answer<ReloadView>, ApiError> {
    if settings.reload_command.is_none() {
        return Err(ApiErrorCode::RadiusNotReloadable.into());
    }
    services.radius.reload_server(&context.origin).await?;
    Ok(Answer::accepted(ReloadView { queued: true }, "/api/v1/admin/radius/servers"))
}
