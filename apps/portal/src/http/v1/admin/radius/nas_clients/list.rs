//! Every NAS client.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::{Page, PageRequest};

use super::NasClientView;
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
    },
};

/// Lists the NAS clients by name.
#[utoipa::path(
    tag = "Administration",
    responses((status = 200, description = "The NAS clients, on one page.", body = ListEnvelope<NasClientView>))
)]
#[get("/api/v1/admin/radius/nas-clients")]
pub async fn list_nas_clients(services: Data<Arc<Services>>) -> Result<ListAnswer<NasClientView>, ApiError> {
    let clients = services.radius.list_nas_clients().await?;
    let request = PageRequest::new(1, PageRequest::MAX_PER_PAGE);
    let page = Page { total: clients.len() as u64, items: clients, request };
    Ok(ListAnswer::of(page.map(NasClientView::from)))
}
