//! Users on routers that the portal did not make.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::{RouterUserQuery, RouterUserView};
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
    },
};

/// Lists the users on routers that the portal did not make, latest found first. They are never touched.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_router_users",
    params(PageQuery, RouterUserQuery),
    responses((status = 200, description = "The users.", body = ListEnvelope<RouterUserView>))
)]
#[get("/api/v1/admin/router-users")]
pub async fn list_router_users(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    filter: Query<RouterUserQuery>,
) -> Result<ListAnswer<RouterUserView>, ApiError> {
    let users = services.hotspot.list_unknown_users(&filter.0.into(), page.0.request()).await?;
    Ok(ListAnswer::of(users.map(RouterUserView::from)))
}
