//! Batches of vouchers.

use std::sync::Arc;

use actix_web::{get, web::Data};
use billing::queries::vouchers::BatchFilter;
use kernel::Id;

use super::{TakenByQuery, VoucherBatchQuery, VoucherBatchView};
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
    params(PageQuery, VoucherBatchQuery, TakenByQuery),
    responses((status = 200, description = "One page of batches.", body = ListEnvelope<VoucherBatchView>))
)]
#[get("/api/v1/admin/voucher-batches")]
pub async fn list_voucher_batches(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    query: Query<VoucherBatchQuery>,
    taken_by: Query<TakenByQuery>,
) -> Result<ListAnswer<VoucherBatchView>, ApiError> {
    let agent_id = taken_by.0.agent_id.map(Id::from_uuid);
    let filter = BatchFilter { agent_id, ..query.0.into() };
    let batches = services.billing.batches(&filter, page.0.request()).await?;
    Ok(ListAnswer::of(batches.map(VoucherBatchView::from)))
}
