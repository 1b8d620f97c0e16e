//! Putting a package on sale.

use std::sync::Arc;

use actix_web::{post, web::Data};

use super::UserProfileRequest;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        idempotency::IdempotencyHeader,
        input::Json,
        policy::RequestContext,
        v1::user_profiles::UserProfileView,
    },
};

/// Puts a new package on sale.
#[utoipa::path(
    tag = "Administration",
    operation_id = "create_user_profile",
    request_body = UserProfileRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat with the same key and body is answered with the package that the first one created.")),
    responses(
        (status = 201, description = "The package.", body = Envelope<UserProfileView>),
        (status = 422, description = "A value is not accepted, or the idempotency key came with another body before."),
    )
)]
#[post("/api/v1/admin/user-profiles")]
pub async fn create_user_profile(
    services: Data<Arc<Services>>,
    context: RequestContext,
    idempotency: IdempotencyHeader,
    body: Json<UserProfileRequest>,
) -> Result<Answer<UserProfileView>, ApiError> {
    let key = idempotency.over(body.bytes());
    let offer = body.into_inner().read(&services).await?;
    let id = services.billing.create_package(&context.origin, offer, key).await?;
    let created = services.billing.package(id).await?;
    let created = created.ok_or_else(|| ApiError::internal("a package is gone as soon as it was created"))?;
    Ok(Answer::created(created.into(), &format!("/api/v1/admin/user-profiles/{id}")))
}
