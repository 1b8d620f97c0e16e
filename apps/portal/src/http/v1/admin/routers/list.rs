//! Every router.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::{Page, PageRequest};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::RouterDetailsView;
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
    },
};

/// Which routers are wanted.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct RouterQuery {
    /// Those out of use as well.
    #[param(example = false)]
    pub retired: bool,
}

/// Lists the routers by name, each with its health and how many hotspot users are on it.
#[utoipa::path(
    tag = "Administration",
    params(RouterQuery),
    responses((status = 200, description = "The routers, on one page.", body = ListEnvelope<RouterDetailsView>))
)]
#[get("/api/v1/admin/routers")]
pub async fn list_routers(
    services: Data<Arc<Services>>,
    query: Query<RouterQuery>,
) -> Result<ListAnswer<RouterDetailsView>, ApiError> {
    let routers = services.hotspot.list_routers(query.0.retired).await?;
    let request = PageRequest::new(1, PageRequest::MAX_PER_PAGE);
    let page = Page { total: routers.len() as u64, items: routers, request };
    Ok(ListAnswer::of(page.map(RouterDetailsView::from)))
}
