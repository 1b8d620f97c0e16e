//! Every package.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::{Page, PageRequest};

use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        v1::user_profiles::UserProfileView,
    },
};

/// Every package, on sale or not, in display order.
#[utoipa::path(
    tag = "Administration",
    operation_id = "admin_list_user_profiles",
    responses((status = 200, description = "Every package, on one page.", body = ListEnvelope<UserProfileView>))
)]
#[get("/api/v1/admin/user-profiles")]
pub async fn admin_list_user_profiles(
    services: Data<Arc<Services>>,
) -> Result<ListAnswer<UserProfileView>, ApiError> {
    let packages = services.billing.packages().await?;
    let request = PageRequest::new(1, PageRequest::MAX_PER_PAGE);
    let page = Page { total: packages.len() as u64, items: packages, request };
    Ok(ListAnswer::of(page.map(UserProfileView::from)))
}
