//! Everybody's hotspot users.

use std::sync::Arc;

use actix_web::{get, web::Data};
use hotspot::queries::HotspotUserFilter;
use kernel::Id;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use validator::Validate;

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

/// On which router they are.
#[derive(Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct OnRouterQuery {
    /// Only those of this router: before it is put out of use, those that are not over have to leave it.
    #[param(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e95")]
    router_id: Option<Uuid>,
}

/// Lists everybody's hotspot users, latest first.
#[utoipa::path(
    tag = "Administration",
    params(PageQuery, HotspotUserQuery, OnRouterQuery, OwnerQuery),
    responses((status = 200, description = "The hotspot users.", body = ListEnvelope<AdminHotspotUserView>))
)]
#[get("/api/v1/admin/hotspot-users")]
pub async fn admin_list_hotspot_users(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    filter: Query<HotspotUserQuery>,
    place: Query<OnRouterQuery>,
    owner: Query<OwnerQuery>,
) -> Result<ListAnswer<AdminHotspotUserView>, ApiError> {
    let router_id = place.0.router_id.map(Id::from_uuid);
    let filter = HotspotUserFilter { owner: owner.0.owner(), router_id, ..filter.0.into() };
    let users = services.hotspot.list_users(&filter, page.0.request()).await?;
    Ok(ListAnswer::of(users.map(AdminHotspotUserView::from)))
}
