//! Everybody's sessions.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::{AdminSessionView, OwnerQuery, PlaceQuery, filter};
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
        v1::sessions::SessionQuery,
    },
};

/// Lists everybody's sessions, latest first.
#[utoipa::path(
    tag = "Administration",
    params(PageQuery, SessionQuery, PlaceQuery, OwnerQuery),
    responses((status = 200, description = "The sessions.", body = ListEnvelope<AdminSessionView>))
)]
#[get("/api/v1/admin/sessions")]
pub async fn admin_list_sessions(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    query: Query<SessionQuery>,
    place: Query<PlaceQuery>,
    owner: Query<OwnerQuery>,
) -> Result<ListAnswer<AdminSessionView>, ApiError> {
    let filter = filter(query.0, place.0, &owner.0);
    let sessions = services.hotspot.list_sessions(&filter, page.0.request()).await?;
    Ok(ListAnswer::of(sessions.map(AdminSessionView::from)))
}
