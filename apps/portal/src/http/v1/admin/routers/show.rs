//! One router.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use super::{RouterDetailsView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::PathId,
    },
};

/// Shows one router, in use or not.
#[utoipa::path(
    tag = "Administration",
    params(("id" = Uuid, Path, description = "The router.")),
    responses(
        (status = 200, description = "The router.", body = Envelope<RouterDetailsView>),
        (status = 404, description = "There is no such router."),
    )
)]
#[get("/api/v1/admin/routers/{id}")]
pub async fn show_router(
    services: Data<Arc<Services>>,
    id: PathId<of::Router>,
) -> Result<Answer<RouterDetailsView>, ApiError> {
    Ok(Answer::ok(shown(&services, id.0.as_uuid()).await?))
}
