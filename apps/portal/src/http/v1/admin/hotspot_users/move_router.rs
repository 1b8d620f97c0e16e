//! Moving a hotspot user to another router.

use std::sync::Arc;

use actix_web::{post, web::Data};
use hotspot::use_cases::{MoveUser, MoveUserError};
use kernel::{Id, id::of};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{AdminHotspotUserView, following};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        input::{Json, PathId},
        policy::RequestContext,
    },
};

/// Where to, and why.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveHotspotUserRequest {
    /// The router that it goes to.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e96")]
    pub router_id: Uuid,
    /// Why, for the audit log.
    #[serde(default)]
    #[validate(length(min = 3, max = 500))]
    #[schema(example = "The customer has moved to the library", min_length = 3, max_length = 500)]
    pub reason: Option<String>,
}

/// Moves a hotspot user to another router, with the credentials and the time that it has.
///
/// Each router is told on its own: one that cannot be reached does not keep the other waiting. One that its router
/// refused is tried on the new one. One that is there already is left as it is.
#[utoipa::path(
    tag = "Administration",
    operation_id = "move_hotspot_user",
    request_body = MoveHotspotUserRequest,
    params(("id" = Uuid, Path, description = "The hotspot user.")),
    responses(
        (status = 202, description = "It is on its way.", body = Envelope<AdminHotspotUserView>),
        (status = 404, description = "There is no such hotspot user."),
        (status = 409, description = "`hotspot_user_state`: it is over."),
        (status = 422, description = "A value is not accepted: the router must take users."),
    )
)]
#[post("/api/v1/admin/hotspot-users/{id}/move")]
pub async fn move_hotspot_user(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::HotspotUser>,
    body: Json<MoveHotspotUserRequest>,
) -> Result<Answer<AdminHotspotUserView>, ApiError> {
    let MoveHotspotUserRequest { router_id, reason } = body.into_inner();
    let command = MoveUser { hotspot_user_id: id.0, router_id: Id::from_uuid(router_id), reason };
    services.hotspot.move_user(command, &context.origin).await?;
    following(&services, id.0).await
}

impl From<MoveUserError> for ApiError {
    fn from(error: MoveUserError) -> Self {
        match error {
            MoveUserError::NotFound => ApiErrorCode::NotFound.into(),
            MoveUserError::WrongState(_) => ApiErrorCode::HotspotUserState.into(),
            MoveUserError::NoSuchRouter => Self::field(
                "router_id",
                FieldProblem::Said(
                    "n'est pas un routeur en service".to_owned(),
                    "is not a router that takes users".to_owned(),
                ),
            ),
            MoveUserError::Store(error) => error.into(),
        }
    }
}
