//! One NAS client.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use super::{NasClientView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::PathId,
    },
};

/// Shows one NAS client.
#[utoipa::path(
    tag = "Administration",
    params(("id" = Uuid, Path, description = "The NAS client.")),
    responses(
        (status = 200, description = "The NAS client.", body = Envelope<NasClientView>),
        (status = 404, description = "There is no such NAS client."),
    )
)]
#[get("/api/v1/admin/radius/nas-clients/{id}")]
pub async fn show_nas_client(
    services: Data<Arc<Services>>,
    id: PathId<of::NasClient>,
) -> Result<Answer<NasClientView>, ApiError> {
    Ok(Answer::ok(shown(&services, id.0.as_uuid()).await?))
}
