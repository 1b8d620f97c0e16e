//! One account.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use super::{AdminUserView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::PathId,
    },
};

/// Shows an account.
#[utoipa::path(
    tag = "Administration",
    operation_id = "show_user",
    params(("id" = uuid::Uuid, Path, description = "The account", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (status = 200, description = "The account.", body = Envelope<AdminUserView>),
        (status = 404, description = "`not_found`: there is no such account."),
    )
)]
#[get("/api/v1/admin/users/{id}")]
pub async fn show_user(
    services: Data<Arc<Services>>,
    id: PathId<of::User>,
) -> Result<Answer<AdminUserView>, ApiError> {
    Ok(Answer::ok(shown(&services, id.0).await?))
}
