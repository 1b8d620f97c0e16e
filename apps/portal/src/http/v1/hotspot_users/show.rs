//! One of the caller's hotspot users.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use super::HotspotUserView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
        policy::Caller,
    },
};

/// Shows one of the caller's hotspot users.
#[utoipa::path(
    tag = "Hotspot users",
    params(("id" = uuid::Uuid, Path, description = "The hotspot user", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (status = 200, description = "The hotspot user.", body = Envelope<HotspotUserView>),
        (status = 404, description = "`not_found`: the caller has no such hotspot user."),
    )
)]
#[get("/api/v1/hotspot-users/{id}")]
pub async fn show_hotspot_user(
    services: Data<Arc<Services>>,
    caller: Caller,
    id: PathId<of::HotspotUser>,
) -> Result<Answer<HotspotUserView>, ApiError> {
    let user = services.hotspot.find_own_user(caller.0.user_id, id.0).await?;
    Ok(Answer::ok(user.ok_or(ApiErrorCode::NotFound)?.into()))
}
