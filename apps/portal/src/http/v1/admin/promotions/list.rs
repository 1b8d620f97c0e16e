//! Every promotion.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::Id;
use radius::queries::promotions::PromotionFilter;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use validator::Validate;

use super::AdminPromotionView;
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
    },
};

/// Which promotions are wanted. Everything that is given must fit.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PromotionQuery {
    /// Those that people can choose, or those that they cannot.
    #[param(example = true)]
    pub is_active: Option<bool>,
    /// Those with this access profile.
    #[param(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e98")]
    pub access_profile_id: Option<Uuid>,
}

/// Lists promotions by name, each with how many users belong to it.
#[utoipa::path(
    tag = "Administration",
    operation_id = "admin_list_promotions",
    params(PromotionQuery, PageQuery),
    responses((status = 200, description = "A page of promotions.", body = ListEnvelope<AdminPromotionView>))
)]
#[get("/api/v1/admin/promotions")]
pub async fn admin_list_promotions(
    services: Data<Arc<Services>>,
    query: Query<PromotionQuery>,
    page: Query<PageQuery>,
) -> Result<ListAnswer<AdminPromotionView>, ApiError> {
    let PromotionQuery { is_active, access_profile_id } = query.0;
    let access_profile_id = access_profile_id.map(Id::from_uuid);
    let filter = PromotionFilter { active: is_active, access_profile_id };
    let found = services.radius.list_promotions(&filter, page.0.request()).await?;
    Ok(ListAnswer::of(found.map(AdminPromotionView::from)))
}
