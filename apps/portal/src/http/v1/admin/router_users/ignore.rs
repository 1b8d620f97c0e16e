//! Saying that a user on a router is none of ours.

use std::sync::Arc;

use actix_web::{post, web::Data};
use hotspot::use_cases::RouterUserDecision;
use kernel::id::of;

use super::{RouterUserView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::PathId,
        policy::RequestContext,
    },
};

/// Says that a user on a router is none of ours, so that it does not wait for a decision any more.
#[utoipa::path(
    tag = "Administration",
    operation_id = "ignore_router_user",
    params(("id" = uuid::Uuid, Path, description = "The user", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e96")),
    responses(
        (status = 200, description = "The user, ignored.", body = Envelope<RouterUserView>),
        (status = 404, description = "There is no such user."),
    )
)]
#[post("/api/v1/admin/router-users/{id}/ignore")]
pub async fn ignore_router_user(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::UnknownRouterUser>,
) -> Result<Answer<RouterUserView>, ApiError> {
    services.hotspot.decide_router_user(id.0, RouterUserDecision::Ignore, &context.origin).await?;
    Ok(Answer::ok(shown(&services, id.0).await?))
}
