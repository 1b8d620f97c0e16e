//! One hotspot user.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use super::AdminHotspotUserView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
    },
};

/// Shows one hotspot user, whoever owns it.
#[utoipa::path(
    tag = "Administration",
    params(("id" = uuid::Uuid, Path, description = "The hotspot user", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (status = 200, description = "The hotspot user.", body = Envelope<AdminHotspotUserView>),
        (status = 404, description = "`not_found`: there is no such hotspot user."),
    )
)]
#[get("/api/v1/admin/hotspot-users/{id}")]
pub async fn admin_show_hotspot_user(
    services: Data<Arc<Services>>,
    id: PathId<of::HotspotUser>,
) -> Result<Answer<AdminHotspotUserView>, ApiError> {
    let user = services.hotspot.find_user(id.0).await?;
    Ok(Answer::ok(user.ok_or(ApiErrorCode::NotFound)?.into()))
}
