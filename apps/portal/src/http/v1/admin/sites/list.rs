//! Every site.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::{Page, PageRequest};

use super::SiteView;
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
    },
};

/// Lists every site, by its code.
#[utoipa::path(
    tag = "Administration",
    responses((status = 200, description = "Every site, on one page.", body = ListEnvelope<SiteView>))
)]
#[get("/api/v1/admin/sites")]
pub async fn list_sites(services: Data<Arc<Services>>) -> Result<ListAnswer<SiteView>, ApiError> {
    let sites = services.billing.reads().sites().await?;
    let request = PageRequest::new(1, PageRequest::MAX_PER_PAGE);
    let page = Page { total: sites.len() as u64, items: sites, request };
    Ok(ListAnswer::of(page.map(SiteView::from)))
}
