//! Changing an access profile.

use std::sync::Arc;

use actix_web::{put, web::Data};
use kernel::id::of;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{AccessProfileRequest, AccessProfileView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::{Json, PathId},
        policy::RequestContext,
    },
};

/// What an access profile is to say from now on, and why.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessProfileChange {
    /// All that it is to say.
    #[validate(nested)]
    profile: AccessProfileRequest,
    /// Why, for its history.
    #[serde(default)]
    #[validate(length(min = 1, max = 500))]
    #[schema(example = "a faster line", min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// Changes an access profile: the whole of it.
///
/// Everybody who is enabled with it follows in the background, those who are online too. A validity counts from when
/// each access began.
#[utoipa::path(
    tag = "Administration",
    operation_id = "update_access_profile",
    request_body = AccessProfileChange,
    params(("id" = uuid::Uuid, Path, description = "The access profile.")),
    responses(
        (status = 200, description = "The access profile, changed.", body = Envelope<AccessProfileView>),
        (status = 404, description = "There is no such access profile."),
        (status = 422, description = "A value is not accepted, or some do not fit together."),
    )
)]
#[put("/api/v1/admin/access-profiles/{id}")]
pub async fn update_access_profile(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::AccessProfile>,
    body: Json<AccessProfileChange>,
) -> Result<Answer<AccessProfileView>, ApiError> {
    let AccessProfileChange { profile, reason } = body.into_inner();
    services.radius.change_profile(id.0, profile.read()?, reason, &context.origin).await?;
    Ok(Answer::ok(shown(&services, id.0.as_uuid()).await?))
}
