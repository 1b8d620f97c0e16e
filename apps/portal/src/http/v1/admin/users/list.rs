//! Everybody's accounts.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::{AdminUserView, UserQuery};
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
    },
};

/// Lists accounts, latest first.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_users",
    params(PageQuery, UserQuery),
    responses((status = 200, description = "The accounts.", body = ListEnvelope<AdminUserView>))
)]
#[get("/api/v1/admin/users")]
pub async fn list_users(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    filter: Query<UserQuery>,
) -> Result<ListAnswer<AdminUserView>, ApiError> {
    let found = services.database.list_accounts(&filter.0.into(), page.0.request()).await?;
    Ok(ListAnswer::of(found.map(AdminUserView::from)))
}
