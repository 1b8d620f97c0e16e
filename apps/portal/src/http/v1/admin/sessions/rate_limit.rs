//! Limiting an open session.

use std::sync::Arc;

use actix_web::{post, web::Data};
use hotspot::ports::RateLimit;
use kernel::id::of;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{AdminSessionView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::{Json, PathId},
        policy::RequestContext,
    },
};

/// The rates from now on.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitSessionRequest {
    /// From the device, in kilobits per second; null without limit.
    #[validate(range(min = 1, max = 10_000_000))]
    #[schema(example = 256, minimum = 1, maximum = 10_000_000)]
    pub upload_kbps: Option<u32>,
    /// To the device, in kilobits per second; null without limit.
    #[validate(range(min = 1, max = 10_000_000))]
    #[schema(example = 512, minimum = 1, maximum = 10_000_000)]
    pub download_kbps: Option<u32>,
}

/// Limits an open session until it ends.
///
/// The router is told at once, or when it can be reached again; then `rate_limit.set_at` is set. It limits every open
/// session of the same username alike.
#[utoipa::path(
    tag = "Administration",
    operation_id = "limit_session",
    request_body = LimitSessionRequest,
    params(("id" = uuid::Uuid, Path, description = "The session", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e92")),
    responses(
        (status = 202, description = "The session, about to be limited.", body = Envelope<AdminSessionView>),
        (status = 404, description = "There is no such session."),
        (status = 409, description = "`session_over`: it has ended."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[post("/api/v1/admin/sessions/{id}/rate-limit")]
pub async fn limit_session(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::HotspotSession>,
    body: Json<LimitSessionRequest>,
) -> Result<Answer<AdminSessionView>, ApiError> {
    let LimitSessionRequest { upload_kbps, download_kbps } = body.into_inner();
    services.hotspot.limit_session(id.0, RateLimit { upload_kbps, download_kbps }, &context.origin).await?;
    Ok(Answer::accepted(shown(&services, id.0).await?, "/api/v1/admin/sessions"))
}
