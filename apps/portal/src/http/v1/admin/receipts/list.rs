//! Receipts.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::ReceiptQuery;
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
        v1::orders::receipt::ReceiptView,
    },
};

/// Receipts, by site, the latest first.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_receipts",
    params(PageQuery, ReceiptQuery),
    responses((status = 200, description = "One page of receipts.", body = ListEnvelope<ReceiptView>))
)]
#[get("/api/v1/admin/receipts")]
pub async fn list_receipts(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    query: Query<ReceiptQuery>,
) -> Result<ListAnswer<ReceiptView>, ApiError> {
    let receipts = services.billing.receipts(&query.0.into(), page.0.request()).await?;
    Ok(ListAnswer::of(receipts.map(ReceiptView::from)))
}
