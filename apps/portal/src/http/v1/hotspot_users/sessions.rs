//! The sessions of one of the caller's hotspot users.

use std::sync::Arc;

use actix_web::{get, web::Data};
use hotspot::queries::sessions::SessionFilter;
use kernel::id::of;

use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::{ApiError, ApiErrorCode},
        input::{PathId, Query},
        pagination::PageQuery,
        policy::Caller,
        v1::sessions::{SessionQuery, SessionView},
    },
};

/// Lists the sessions of one of the caller's hotspot users, latest first.
#[utoipa::path(
    tag = "Hotspot users",
    params(
        ("id" = uuid::Uuid, Path, description = "The hotspot user", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90"),
        PageQuery,
        SessionQuery,
    ),
    responses(
        (status = 200, description = "Its sessions.", body = ListEnvelope<SessionView>),
        (status = 404, description = "`not_found`: the caller has no such hotspot user."),
    )
)]
#[get("/api/v1/hotspot-users/{id}/sessions")]
pub async fn list_hotspot_user_sessions(
    services: Data<Arc<Services>>,
    caller: Caller,
    id: PathId<of::HotspotUser>,
    page: Query<PageQuery>,
    filter: Query<SessionQuery>,
) -> Result<ListAnswer<SessionView>, ApiError> {
    let owner = caller.0.user_id;
    services.hotspot.find_own_user(owner, id.0).await?.ok_or(ApiErrorCode::NotFound)?;
    let filter = SessionFilter { hotspot_user_id: Some(id.0), ..filter.0.into() };
    let sessions = services.hotspot.list_own_sessions(owner, filter, page.0.request()).await?;
    Ok(ListAnswer::of(sessions.map(SessionView::from)))
}
