//! The caller's hotspot users.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::{HotspotUserQuery, HotspotUserView};
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

/// Lists the caller's hotspot users, latest first.
#[utoipa::path(
    tag = "Hotspot users",
    params(PageQuery, HotspotUserQuery),
    responses((status = 200, description = "The caller's hotspot users.", body = ListEnvelope<HotspotUserView>))
)]
#[get("/api/v1/hotspot-users")]
pub async fn list_hotspot_users(
    services: Data<Arc<Services>>,
    caller: Caller,
    page: Query<PageQuery>,
    filter: Query<HotspotUserQuery>,
) -> Result<ListAnswer<HotspotUserView>, ApiError> {
    let (owner, filter) = (caller.0.user_id, filter.0.into());
    let users = services.hotspot.list_own_users(owner, filter, page.0.request()).await?;
    Ok(ListAnswer::of(users.map(HotspotUserView::from)))
}
