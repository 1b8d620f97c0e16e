//! Making a promotion.

use std::sync::Arc;

use actix_web::{post, web::Data};

use super::{AdminPromotionView, PromotionRequest, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::Json,
        policy::RequestContext,
    },
};

/// Makes a promotion.
#[utoipa::path(
    tag = "Administration",
    operation_id = "create_promotion",
    request_body = PromotionRequest,
    responses(
        (status = 201, description = "The promotion.", body = Envelope<AdminPromotionView>),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[post("/api/v1/admin/promotions")]
pub async fn create_promotion(
    services: Data<Arc<Services>>,
    context: RequestContext,
    body: Json<PromotionRequest>,
) -> Result<Answer<AdminPromotionView>, ApiError> {
    let id = services.radius.create_promotion(body.into_inner().into(), &context.origin).await?;
    let view = shown(&services, id.as_uuid()).await?;
    Ok(Answer::created(view, &format!("/api/v1/admin/promotions/{id}")))
}
