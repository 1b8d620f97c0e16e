//! Refunds, page by page.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::{RefundQuery, RefundView};
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
    },
};

/// Refunds, latest first.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_refunds",
    params(PageQuery, RefundQuery),
    responses((status = 200, description = "One page of refunds.", body = ListEnvelope<RefundView>))
)]
#[get("/api/v1/admin/refunds")]
pub async fn list_refunds(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    query: Query<RefundQuery>,
) -> Result<ListAnswer<RefundView>, ApiError> {
    let refunds = services.billing.refunds(&query.0.into(), page.0.request()).await?;
    Ok(ListAnswer::of(refunds.map(RefundView::from)))
}
