//! Taking a package off sale.

use std::sync::Arc;

use actix_web::{delete, web::Data};
use kernel::id::of;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
        policy::RequestContext,
        v1::user_profiles::UserProfileView,
    },
};

/// Takes a package off sale. It stays in the record, as orders name it.
#[utoipa::path(
    tag = "Administration",
    operation_id = "retire_user_profile",
    params(("id" = Uuid, Path, description = "The package.")),
    responses(
        (status = 200, description = "The package, retired.", body = Envelope<UserProfileView>),
        (status = 404, description = "There is no such package."),
    )
)]
#[delete("/api/v1/admin/user-profiles/{id}")]
pub async fn retire_user_profile(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::Package>,
) -> Result<Answer<UserProfileView>, ApiError> {
    services.billing.retire_package(&context.origin, id.0).await?;
    let retired = services.billing.package(id.0).await?;
    Ok(Answer::ok(retired.ok_or(ApiErrorCode::NotFound)?.into()))
}
