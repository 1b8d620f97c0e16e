//! An access profile of one's own.

use std::sync::Arc;

use actix_web::{put, web::Data};
use kernel::{Id, id::of};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{AdminUserView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::{Json, PathId},
        policy::RequestContext,
    },
};

/// Which access profile, and why.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignProfileRequest {
    /// The profile that is to hold for this account alone; null for its promotion's again.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e98")]
    access_profile_id: Option<Uuid>,
    /// Why, for the history.
    #[validate(length(min = 1, max = 500))]
    #[schema(example = "writes a thesis", min_length = 1, max_length = 500)]
    reason: String,
}

/// Gives an account an access profile of its own, before that of its promotion, or takes it away.
///
/// It holds at once for somebody whose Wi-Fi is on.
#[utoipa::path(
    tag = "Administration",
    operation_id = "assign_access_profile",
    request_body = AssignProfileRequest,
    params(("id" = uuid::Uuid, Path, description = "The account.")),
    responses(
        (status = 200, description = "The account.", body = Envelope<AdminUserView>),
        (status = 404, description = "There is no such account."),
        (status = 422, description = "There is no such active access profile, or no reason."),
    )
)]
#[put("/api/v1/admin/users/{id}/access-profile")]
pub async fn assign_access_profile(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::User>,
    body: Json<AssignProfileRequest>,
) -> Result<Answer<AdminUserView>, ApiError> {
    let AssignProfileRequest { access_profile_id, reason } = body.into_inner();
    let profile = access_profile_id.map(Id::from_uuid);
    services.radius.assign_profile(id.0, profile, reason, &context.origin).await?;
    Ok(Answer::ok(shown(&services, id.0).await?))
}
