//! One promotion.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use super::{AdminPromotionView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::PathId,
    },
};

/// Shows a promotion, and how many users belong to it.
#[utoipa::path(
    tag = "Administration",
    operation_id = "show_promotion",
    params(("id" = uuid::Uuid, Path, description = "The promotion.")),
    responses(
        (status = 200, description = "The promotion.", body = Envelope<AdminPromotionView>),
        (status = 404, description = "There is no such promotion."),
    )
)]
#[get("/api/v1/admin/promotions/{id}")]
pub async fn show_promotion(
    services: Data<Arc<Services>>,
    id: PathId<of::Promotion>,
) -> Result<Answer<AdminPromotionView>, ApiError> {
    Ok(Answer::ok(shown(&services, id.0.as_uuid()).await?))
}
