//! Changing a promotion.

use std::sync::Arc;

use actix_web::{put, web::Data};
use kernel::id::of;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{AdminPromotionView, PromotionRequest, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::{Json, PathId},
        policy::RequestContext,
    },
};

/// What a promotion is to be from now on.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromotionChange {
    /// All of it.
    #[validate(nested)]
    promotion: PromotionRequest,
    /// Whether those who are enabled get its access profile now. Without it they keep the one with which they were
    /// enabled, until they are activated anew.
    #[serde(default)]
    #[schema(example = true)]
    reactivate: bool,
}

/// Changes a promotion: the whole of it. With `reactivate`, those who are enabled follow in the background.
#[utoipa::path(
    tag = "Administration",
    operation_id = "update_promotion",
    request_body = PromotionChange,
    params(("id" = uuid::Uuid, Path, description = "The promotion.")),
    responses(
        (status = 200, description = "The promotion, changed.", body = Envelope<AdminPromotionView>),
        (status = 404, description = "There is no such promotion."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[put("/api/v1/admin/promotions/{id}")]
pub async fn update_promotion(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::Promotion>,
    body: Json<PromotionChange>,
) -> Result<Answer<AdminPromotionView>, ApiError> {
    let PromotionChange { promotion, reactivate } = body.into_inner();
    services.radius.change_promotion(id.0, promotion.into(), reactivate, &context.origin).await?;
    Ok(Answer::ok(shown(&services, id.0.as_uuid()).await?))
}
