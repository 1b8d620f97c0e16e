//! How a wish for a RADIUS session is enforced.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use super::{EnforcementView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::PathId,
    },
};

/// Shows what is wanted of a RADIUS session and every try to have it done.
#[utoipa::path(
    tag = "Administration",
    params(("id" = uuid::Uuid, Path, description = "The session", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e92")),
    responses(
        (status = 200, description = "What is wanted, and what was tried.", body = Envelope<EnforcementView>),
        (status = 404, description = "There is no such session."),
    )
)]
#[get("/api/v1/admin/radius/sessions/{id}/attempts")]
pub async fn list_enforcement_attempts(
    services: Data<Arc<Services>>,
    id: PathId<of::RadiusSession>,
) -> Result<Answer<EnforcementView>, ApiError> {
    Ok(Answer::ok(shown(&services, id.0).await?))
}
