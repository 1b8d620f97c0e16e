//! Everybody's hotspot users.

use std::sync::Arc;

use actix_web::{get, web::Data};
use hotspot::queries::HotspotUserFilter;

use super::AdminHotspotUserView;
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
        v1::{admin::OwnerQuery, hotspot_users::HotspotUserQuery},
    },
};

/// Lists everybody's hotspot users, latest first.
#[utoipa::path(
    tag = "Administration",
    params(PageQuery, HotspotUserQuery, OwnerQuery),
    responses((status = 200, description = "The hotspot users.", body = ListEnvelope<AdminHotspotUserView>))
)]
#[get("/api/v1/admin/hotspot-users")]
pub async fn admin_list_hotspot_users(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    filter: Query<HotspotUserQuery>,
    owner: Query<OwnerQuery>,
) -> Result<ListAnswer<AdminHotspotUserView>, ApiError> {
    let filter = HotspotUserFilter { owner: owner.0.owner(), ..filter.0.into() };
    let users = services.hotspot.list_users(&filter, page.0.request()).await?;
    Ok(ListAnswer::of(users.map(AdminHotspotUserView::from)))
}
