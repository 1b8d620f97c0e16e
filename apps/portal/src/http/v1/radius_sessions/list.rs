//! The caller's sessions.

use std::sync::Arc;

use actix_web::{get, web::Data};
use radius::queries::usage::SessionFilter;

use super::{RadiusSessionQuery, RadiusSessionView};
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

/// Lists the caller's sessions by RADIUS, latest first.
#[utoipa::path(
    tag = "Usage",
    params(PageQuery, RadiusSessionQuery),
    responses((status = 200, description = "The caller's sessions.", body = ListEnvelope<RadiusSessionView>))
)]
#[get("/api/v1/radius-sessions")]
pub async fn list_radius_sessions(
    services: Data<Arc<Services>>,
    caller: Caller,
    page: Query<PageQuery>,
    query: Query<RadiusSessionQuery>,
) -> Result<ListAnswer<RadiusSessionView>, ApiError> {
    let filter = SessionFilter { owner: Some(caller.0.user_id), ..query.0.into() };
    let sessions = services.radius.list_radius_sessions(&filter, page.0.request()).await?;
    Ok(ListAnswer::of(sessions.map(RadiusSessionView::from)))
}
