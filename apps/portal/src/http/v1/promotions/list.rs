//! The promotions that people can choose.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::{Page, PageRequest};
use radius::Promotion;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
    },
};

/// A promotion to choose.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Promotion)]
pub struct PromotionView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e97")]
    id: Uuid,
    /// Its name.
    #[schema(example = "L1 Informatique")]
    name: String,
}

impl From<Promotion> for PromotionView {
    fn from(promotion: Promotion) -> Self {
        Self { id: promotion.id.as_uuid(), name: promotion.name }
    }
}

/// The promotions that people can choose when they register, by name. Needs no login.
#[utoipa::path(
    tag = "Account",
    operation_id = "list_promotions",
    responses((status = 200, description = "Every promotion, on one page.", body = ListEnvelope<PromotionView>))
)]
#[get("/api/v1/promotions")]
pub async fn list_promotions(services: Data<Arc<Services>>) -> Result<ListAnswer<PromotionView>, ApiError> {
    let promotions = services.radius.open_promotions().await?;
    let request = PageRequest::new(1, PageRequest::MAX_PER_PAGE);
    let page = Page { total: promotions.len() as u64, items: promotions, request };
    Ok(ListAnswer::of(page.map(PromotionView::from)))
}
