//! What is on sale.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::{Page, PageRequest};

use super::UserProfileView;
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
    },
};

/// The packages on sale, in display order.
///
/// Needs no login. Carries an `ETag`: send it back as `If-None-Match` and get 304 while nothing has changed.
#[utoipa::path(
    tag = "Packages",
    operation_id = "list_user_profiles",
    responses(
        (status = 200, description = "Every package on sale, on one page.", body = ListEnvelope<UserProfileView>),
        (status = 304, description = "Nothing has changed since the answer with this tag."),
    )
)]
#[get("/api/v1/user-profiles")]
pub async fn list_user_profiles(
    services: Data<Arc<Services>>,
) -> Result<ListAnswer<UserProfileView>, ApiError> {
    let packages = services.billing.packages_on_sale().await?;
    let request = PageRequest::new(1, PageRequest::MAX_PER_PAGE);
    let page = Page { total: packages.len() as u64, items: packages.to_vec(), request };
    Ok(ListAnswer::of(page.map(UserProfileView::from)).revalidated())
}
