//! Changing a package.

use std::sync::Arc;

use actix_web::{put, web::Data};
use kernel::id::of;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::UserProfileRequest;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::{Json, PathId},
        policy::RequestContext,
        v1::user_profiles::{UserProfileStatus, UserProfileView},
    },
};

/// The whole package, as it is to be.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateUserProfileRequest {
    /// What it is and costs.
    #[validate(nested)]
    pub offer: UserProfileRequest,
    /// Whether it is on sale.
    pub status: UserProfileStatus,
}

/// Changes a package. Orders that were placed before keep what they were sold.
#[utoipa::path(
    tag = "Administration",
    operation_id = "update_user_profile",
    request_body = UpdateUserProfileRequest,
    params(("id" = Uuid, Path, description = "The package.")),
    responses(
        (status = 200, description = "The package, changed.", body = Envelope<UserProfileView>),
        (status = 404, description = "There is no such package."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[put("/api/v1/admin/user-profiles/{id}")]
pub async fn update_user_profile(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::Package>,
    body: Json<UpdateUserProfileRequest>,
) -> Result<Answer<UserProfileView>, ApiError> {
    let UpdateUserProfileRequest { offer, status } = body.into_inner();
    let offer = offer.read(&services).await?;
    services.billing.update_package(&context.origin, id.0, offer, status.into()).await?;
    let changed = services.billing.package(id.0).await?;
    Ok(Answer::ok(changed.ok_or(ApiErrorCode::NotFound)?.into()))
}
