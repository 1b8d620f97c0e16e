//! What is locked.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::LoginLockView;
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
    },
};

/// Lists what is locked at present, those locked longest first.
#[utoipa::path(
    tag = "Administration",
    params(PageQuery),
    responses((status = 200, description = "The locks.", body = ListEnvelope<LoginLockView>))
)]
#[get("/api/v1/admin/login-locks")]
pub async fn list_login_locks(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
) -> Result<ListAnswer<LoginLockView>, ApiError> {
    let locks = services.identity.login_locks(page.0.request()).await?;
    Ok(ListAnswer::of(locks.map(LoginLockView::from)))
}
