//! Batches of vouchers.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::VoucherBatchView;
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
    },
};

/// Batches of vouchers, latest first, with what has become of their vouchers.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_voucher_batches",
    params(PageQuery),
    responses((status = 200, description = "One page of batches.", body = ListEnvelope<VoucherBatchView>))
)]
#[get("/api/v1/admin/voucher-batches")]
pub async fn list_voucher_batches(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
) -> Result<ListAnswer<VoucherBatchView>, ApiError> {
    let batches = services.billing.batches(page.0.request()).await?;
    Ok(ListAnswer::of(batches.map(VoucherBatchView::from)))
}
