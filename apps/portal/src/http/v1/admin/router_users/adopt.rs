//! Saying whose a user is that the portal did not make.

use std::sync::Arc;

use actix_web::{post, web::Data};
use hotspot::use_cases::RouterUserDecision;
use kernel::{Id, id::of};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{RouterUserView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, FieldProblem},
        input::{Json, PathId},
        policy::RequestContext,
    },
};

/// Whose it is.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdoptRouterUserRequest {
    /// The account.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e92")]
    pub user_id: Uuid,
}

/// Says that a user on a router belongs to an account.
///
/// Its sessions, past and to come, and its devices are shown to that account. Nothing changes on the router: its
/// password, limits and end stay with whoever made it.
#[utoipa::path(
    tag = "Administration",
    operation_id = "adopt_router_user",
    request_body = AdoptRouterUserRequest,
    params(("id" = uuid::Uuid, Path, description = "The user", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e96")),
    responses(
        (status = 200, description = "The user, adopted.", body = Envelope<RouterUserView>),
        (status = 404, description = "There is no such user."),
        (status = 422, description = "There is no such account."),
    )
)]
#[post("/api/v1/admin/router-users/{id}/adopt")]
pub async fn adopt_router_user(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::UnknownRouterUser>,
    body: Json<AdoptRouterUserRequest>,
) -> Result<Answer<RouterUserView>, ApiError> {
    let account = Id::from_uuid(body.into_inner().user_id);
    if services.identity.user(account).await?.is_none() {
        let problem =
            FieldProblem::Said("n'est aucun compte".to_owned(), "is not the id of an account".to_owned());
        return Err(ApiError::field("user_id", problem));
    }
    let decision = RouterUserDecision::Adopt(account);
    services.hotspot.decide_router_user(id.0, decision, &context.origin).await?;
    Ok(Answer::ok(shown(&services, id.0).await?))
}
