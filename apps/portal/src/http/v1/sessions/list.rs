//! The caller's sessions.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::{SessionQuery, SessionView};
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
        policy::Caller,
    },
};

/// Lists the caller's sessions, latest first.
#[utoipa::path(
    tag = "Hotspot users",
    params(PageQuery, SessionQuery),
    responses((status = 200, description = "The caller's sessions.", body = ListEnvelope<SessionView>))
)]
#[get("/api/v1/sessions")]
pub async fn list_sessions(
    services: Data<Arc<Services>>,
    caller: Caller,
    page: Query<PageQuery>,
    filter: Query<SessionQuery>,
) -> Result<ListAnswer<SessionView>, ApiError> {
    let (owner, filter) = (caller.0.user_id, filter.0.into());
    let sessions = services.hotspot.list_own_sessions(owner, filter, page.0.request()).await?;
    Ok(ListAnswer::of(sessions.map(SessionView::from)))
}
