//! Testing the connection to a router.

use std::sync::Arc;

use actix_web::{post, web::Data};
use hotspot::use_cases::RouterTest;
use kernel::id::of;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
        policy::RequestContext,
    },
};

/// What came of a test.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RouterTest)]
pub struct RouterTestView {
    /// Whether it let us in and answered.
    #[schema(example = true)]
    reachable: bool,
    /// How long it took to answer, in milliseconds.
    #[schema(example = 12)]
    ping_ms: Option<u64>,
    /// What it calls itself.
    #[schema(example = "MikroTik")]
    identity: Option<String>,
    /// The version of its software.
    #[schema(example = "7.18.2 (stable)")]
    version: Option<String>,
    /// What was wrong, when something was.
    #[schema(example = json!(null))]
    error: Option<String>,
}

/// Connects to a router now and says what came of it. Nothing is kept but its health.
#[utoipa::path(
    tag = "Administration",
    operation_id = "test_router",
    params(("id" = Uuid, Path, description = "The router.")),
    responses(
        (status = 200, description = "What came of it, be it well or not.", body = Envelope<RouterTestView>),
        (status = 404, description = "There is no such router in use."),
    )
)]
#[post("/api/v1/admin/routers/{id}/test")]
pub async fn test_router(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::Router>,
) -> Result<Answer<RouterTestView>, ApiError> {
    let test = services.hotspot.test_router(id.0, &context.origin).await?;
    Ok(Answer::ok(test.ok_or(ApiErrorCode::NotFound)?.into()))
}

impl From<RouterTest> for RouterTestView {
    fn from(test: RouterTest) -> Self {
        match test.answer {
            Ok((round_trip, identity)) => Self {
                reachable: true,
                ping_ms: Some(u64::try_from(round_trip.as_millis()).unwrap_or(u64::MAX)),
                identity: Some(identity.name),
                version: Some(identity.version),
                error: None,
            },
            Err(error) => Self {
                reachable: false,
                ping_ms: None,
                identity: None,
                version: None,
                error: Some(error.to_string()),
            },
        }
    }
}
