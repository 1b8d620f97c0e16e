//! Ending an open session.

use std::sync::Arc;

use actix_web::{post, web::Data};
use kernel::id::of;

use super::{AdminSessionView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::PathId,
        policy::RequestContext,
    },
};

/// Has an open session ended.
///
/// The router is told at once, or when it can be reached again; then `ending` is `terminated`. The credentials stay
/// good: suspend or revoke them to keep somebody out.
#[utoipa::path(
    tag = "Administration",
    operation_id = "terminate_session",
    params(("id" = uuid::Uuid, Path, description = "The session", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e92")),
    responses(
        (status = 202, description = "The session, about to end.", body = Envelope<AdminSessionView>),
        (status = 404, description = "There is no such session."),
        (status = 409, description = "`session_over`: it has ended."),
    )
)]
#[post("/api/v1/admin/sessions/{id}/terminate")]
pub async fn terminate_session(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::HotspotSession>,
) -> Result<Answer<AdminSessionView>, ApiError> {
    services.hotspot.terminate_session(id.0, &context.origin).await?;
    Ok(Answer::accepted(shown(&services, id.0).await?, "/api/v1/admin/sessions"))
}
