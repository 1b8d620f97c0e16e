//! Taking a hotspot user back.

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

/// Takes a hotspot user back for good: it goes from its router, and its sessions end. One that was taken back already
/// is left as it is.
#[utoipa::path(
    tag = "Administration",
    operation_id = "revoke_hotspot_user",
    request_body = ReasonRequest,
    params(("id" = Uuid, Path, description = "The hotspot user.")),
    responses(
        (status = 202, description = "It is revoked; its router follows within moments.", body = Envelope<AdminHotspotUserView>),
        (status = 404, description = "There is no such hotspot user."),
        (status = 409, description = "`hotspot_user_state`: it has expired."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[post("/api/v1/admin/hotspot-users/{id}/revoke")]
pub async fn revoke_hotspot_user(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::HotspotUser>,
    body: Json<ReasonRequest>,
) -> Result<Answer<AdminHotspotUserView>, ApiError> {
    let command = ChangeUser { hotspot_user_id: id.0, reason: body.into_inner().reason };
    services.hotspot.revoke_user(command, &context.origin).await?;
    following(&services, id.0).await
}
