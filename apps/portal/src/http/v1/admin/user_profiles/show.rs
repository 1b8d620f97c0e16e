//! One package, on sale or not.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
        v1::user_profiles::UserProfileView,
    },
};

/// One package, on sale or not.
#[utoipa::path(
    tag = "Administration",
    operation_id = "admin_show_user_profile",
    params(("id" = Uuid, Path, description = "The package.")),
    responses(
        (status = 200, description = "The package.", body = Envelope<UserProfileView>),
        (status = 404, description = "There is no such package."),
    )
)]
#[get("/api/v1/admin/user-profiles/{id}")]
pub async fn admin_show_user_profile(
    services: Data<Arc<Services>>,
    id: PathId<of::Package>,
) -> Result<Answer<UserProfileView>, ApiError> {
    let package = services.billing.package(id.0).await?;
    Ok(Answer::ok(package.ok_or(ApiErrorCode::NotFound)?.into()))
}
