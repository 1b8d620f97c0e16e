//! What one of the caller's hotspot users has used.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
        policy::Caller,
        v1::sessions::UsageView,
    },
};

/// Shows what went through all sessions of one of the caller's hotspot users.
///
/// Routers are asked every two minutes: what passed between the last look and the end of a session is not in it.
#[utoipa::path(
    tag = "Hotspot users",
    params(("id" = uuid::Uuid, Path, description = "The hotspot user", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (status = 200, description = "What it has used.", body = Envelope<UsageView>),
        (status = 404, description = "`not_found`: the caller has no such hotspot user."),
    )
)]
#[get("/api/v1/hotspot-users/{id}/usage")]
pub async fn show_hotspot_user_usage(
    services: Data<Arc<Services>>,
    caller: Caller,
    id: PathId<of::HotspotUser>,
) -> Result<Answer<UsageView>, ApiError> {
    services.hotspot.find_own_user(caller.0.user_id, id.0).await?.ok_or(ApiErrorCode::NotFound)?;
    Ok(Answer::ok(services.hotspot.usage(id.0).await?.into()))
}
