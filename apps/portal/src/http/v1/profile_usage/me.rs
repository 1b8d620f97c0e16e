//! What the caller has used.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::ProfileUsageView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        policy::Caller,
    },
};

/// Shows what the caller has used of the quotas of their access by RADIUS.
///
/// Routers and access points report every five minutes, and when a session ends.
#[utoipa::path(
    tag = "Usage",
    responses(
        (status = 200, description = "What was used.", body = Envelope<ProfileUsageView>),
        (status = 404, description = "`not_found`: RADIUS does not know the caller yet."),
    )
)]
#[get("/api/v1/profile-usage/me")]
pub async fn show_my_usage(
    services: Data<Arc<Services>>,
    caller: Caller,
) -> Result<Answer<ProfileUsageView>, ApiError> {
    let usage = services.radius.usage_of_account(caller.0.user_id).await?;
    Ok(Answer::ok(usage.ok_or(ApiErrorCode::NotFound)?.into()))
}
