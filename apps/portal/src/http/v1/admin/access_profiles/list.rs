//! Every access profile.

use std::sync::Arc;

use actix_web::{get, web::Data};
use radius::queries::profiles::ProfileFilter;
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::{AccessProfileView, QuotaType};
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
    },
};

/// Which access profiles are wanted. Everything that is given must fit.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct AccessProfileQuery {
    /// Those with data limits, or those without.
    #[param(inline)]
    pub quota_type: Option<QuotaType>,
    /// Those that can be given, or those that cannot.
    #[param(example = true)]
    pub is_active: Option<bool>,
}

/// Lists access profiles by name, each with how many have it.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_access_profiles",
    params(AccessProfileQuery, PageQuery),
    responses((status = 200, description = "A page of access profiles.", body = ListEnvelope<AccessProfileView>))
)]
#[get("/api/v1/admin/access-profiles")]
pub async fn list_access_profiles(
    services: Data<Arc<Services>>,
    query: Query<AccessProfileQuery>,
    page: Query<PageQuery>,
) -> Result<ListAnswer<AccessProfileView>, ApiError> {
    let AccessProfileQuery { quota_type, is_active } = query.0;
    let limited = quota_type.map(|word| word == QuotaType::Limited);
    let filter = ProfileFilter { limited, active: is_active };
    let found = services.radius.list_profiles(&filter, page.0.request()).await?;
    Ok(ListAnswer::of(found.map(AccessProfileView::from)))
}
