//! What an account has used.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
        v1::profile_usage::ProfileUsageView,
    },
};

/// Shows what an account has used of the quotas of its access by RADIUS.
#[utoipa::path(
    tag = "Administration",
    params(("id" = uuid::Uuid, Path, description = "The account", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (status = 200, description = "What was used.", body = Envelope<ProfileUsageView>),
        (status = 404, description = "`not_found`: RADIUS knows no such account."),
    )
)]
#[get("/api/v1/admin/users/{id}/usage")]
pub async fn show_user_usage(
    services: Data<Arc<Services>>,
    id: PathId<of::User>,
) -> Result<Answer<ProfileUsageView>, ApiError> {
    let usage = services.radius.usage_of_account(id.0).await?;
    Ok(Answer::ok(usage.ok_or(ApiErrorCode::NotFound)?.into()))
}
