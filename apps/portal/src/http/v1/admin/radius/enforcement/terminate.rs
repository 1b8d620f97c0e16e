//! Ending an open RADIUS session.

use std::sync::Arc;

use actix_web::{post, web::Data};
use kernel::id::of;

use super::{EnforcementView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::PathId,
        policy::RequestContext,
    },
};

/// Has an open RADIUS session ended.
///
/// Its NAS is told by a Disconnect-Request, then its router by the API, until accounting says that it is over; else staff
/// are alerted. Who signs in again gets in: disable them to keep them out.
#[utoipa::path(
    tag = "Administration",
    params(("id" = uuid::Uuid, Path, description = "The session", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e92")),
    responses(
        (status = 202, description = "What is wanted of the session.", body = Envelope<EnforcementView>),
        (status = 404, description = "There is no such session."),
        (status = 409, description = "`session_over`: it has ended."),
    )
)]
#[post("/api/v1/admin/radius/sessions/{id}/terminate")]
pub async fn terminate_radius_session(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::RadiusSession>,
) -> Result<Answer<EnforcementView>, ApiError> {
    services.radius.end_session(id.0, &context.origin).await?;
    let at = format!("/api/v1/admin/radius/sessions/{}/attempts", id.0);
    Ok(Answer::accepted(shown(&services, id.0).await?, &at))
}
