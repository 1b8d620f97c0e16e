//! Making an access profile.

use std::sync::Arc;

use actix_web::{post, web::Data};

use super::{AccessProfileRequest, AccessProfileView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::Json,
        policy::RequestContext,
    },
};

/// Makes an access profile. Give it to a promotion or to a user next.
#[utoipa::path(
    tag = "Administration",
    operation_id = "create_access_profile",
    request_body = AccessProfileRequest,
    responses(
        (status = 201, description = "The access profile.", body = Envelope<AccessProfileView>),
        (status = 422, description = "A value is not accepted, or some do not fit together."),
    )
)]
#[post("/api/v1/admin/access-profiles")]
pub async fn create_access_profile(
    services: Data<Arc<Services>>,
    context: RequestContext,
    body: Json<AccessProfileRequest>,
) -> Result<Answer<AccessProfileView>, ApiError> {
    let profile = services.radius.create_profile(body.into_inner().read()?, &context.origin).await?;
    let view = shown(&services, profile.id.as_uuid()).await?;
    Ok(Answer::created(view, &format!("/api/v1/admin/access-profiles/{}", profile.id)))
}
