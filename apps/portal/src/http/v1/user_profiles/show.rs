//! One package on sale.

use std::sync::Arc;

use actix_web::{get, web::Data};
use billing::package::PackageStatus;
use kernel::id::of;

use super::UserProfileView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
    },
};

/// One package on sale.
#[utoipa::path(
    tag = "Packages",
    operation_id = "show_user_profile",
    params(("id" = Uuid, Path, description = "The package.")),
    responses(
        (status = 200, description = "The package.", body = Envelope<UserProfileView>),
        (status = 404, description = "There is no such package on sale."),
    )
)]
#[get("/api/v1/user-profiles/{id}")]
pub async fn show_user_profile(
    services: Data<Arc<Services>>,
    id: PathId<of::Package>,
) -> Result<Answer<UserProfileView>, ApiError> {
    let package = services.billing.package(id.0).await?;
    let on_sale = package.filter(|package| package.status == PackageStatus::Active);
    Ok(Answer::ok(on_sale.ok_or(ApiErrorCode::NotFound)?.into()))
}
