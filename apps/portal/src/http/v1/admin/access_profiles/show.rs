//! One access profile.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use super::{AccessProfileView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::PathId,
    },
};

/// Shows an access profile, and how many have it.
#[utoipa::path(
    tag = "Administration",
    operation_id = "show_access_profile",
    params(("id" = uuid::Uuid, Path, description = "The access profile.")),
    responses(
        (status = 200, description = "The access profile.", body = Envelope<AccessProfileView>),
        (status = 404, description = "There is no such access profile."),
    )
)]
#[get("/api/v1/admin/access-profiles/{id}")]
pub async fn show_access_profile(
    services: Data<Arc<Services>>,
    id: PathId<of::AccessProfile>,
) -> Result<Answer<AccessProfileView>, ApiError> {
    Ok(Answer::ok(shown(&services, id.0.as_uuid()).await?))
}
