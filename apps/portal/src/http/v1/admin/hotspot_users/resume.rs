//! Switching a hotspot user on again.

use std::sync::Arc;

use actix_web::{post, web::Data};
use hotspot::use_cases::ChangeUser;
use kernel::id::of;

use super::{AdminHotspotUserView, ReasonRequest, following};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::{Json, PathId},
        policy::RequestContext,
    },
};

/// Switches a suspended hotspot user on again, for what is left of its time. An active one is left as it is.
#[utoipa::path(
    tag = "Administration",
    operation_id = "resume_hotspot_user",
    request_body = ReasonRequest,
    params(("id" = Uuid, Path, description = "The hotspot user.")),
    responses(
        (status = 202, description = "It is active; its router follows within moments.", body = Envelope<AdminHotspotUserView>),
        (status = 404, description = "There is no such hotspot user."),
        (status = 409, description = "`hotspot_user_state`: it is not suspended."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[post("/api/v1/admin/hotspot-users/{id}/resume")]
pub async fn resume_hotspot_user(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::HotspotUser>,
    body: Json<ReasonRequest>,
) -> Result<Answer<AdminHotspotUserView>, ApiError> {
    let command = ChangeUser { hotspot_user_id: id.0, reason: body.into_inner().reason };
    services.hotspot.resume_user(command, &context.origin).await?;
    following(&services, id.0).await
}
