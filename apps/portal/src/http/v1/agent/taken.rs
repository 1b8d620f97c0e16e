//! The vouchers that the caller has taken.

use std::sync::Arc;

use actix_web::{get, web::Data};
use billing::queries::vouchers::{BatchFilter, BatchView};
use kernel::id::{ids::VoucherBatchId, of};

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope, ListAnswer, ListEnvelope},
        error::{ApiError, ApiErrorCode},
        input::{PathId, Query},
        pagination::PageQuery,
        policy::Caller,
        v1::admin::voucher_batches::{VoucherBatchQuery, VoucherBatchView},
    },
};

/// Batches of vouchers that the caller has taken, latest first, with what has become of them.
#[utoipa::path(
    tag = "Agents",
    operation_id = "list_taken_vouchers",
    params(PageQuery, VoucherBatchQuery),
    responses((status = 200, description = "One page of batches.", body = ListEnvelope<VoucherBatchView>))
)]
#[get("/api/v1/agent/vouchers")]
pub async fn list_taken_vouchers(
    services: Data<Arc<Services>>,
    caller: Caller,
    page: Query<PageQuery>,
    query: Query<VoucherBatchQuery>,
) -> Result<ListAnswer<VoucherBatchView>, ApiError> {
    let filter = BatchFilter { agent_id: Some(caller.0.user_id), ..query.0.into() };
    let batches = services.billing.batches(&filter, page.0.request()).await?;
    Ok(ListAnswer::of(batches.map(VoucherBatchView::from)))
}

/// Vouchers that the caller has taken together.
#[utoipa::path(
    tag = "Agents",
    operation_id = "show_taken_vouchers",
    params(("id" = Uuid, Path, description = "The vouchers that were taken together.")),
    responses(
        (status = 200, description = "The batch.", body = Envelope<VoucherBatchView>),
        (status = 404, description = "The caller has taken no such vouchers."),
    )
)]
#[get("/api/v1/agent/vouchers/{id}")]
pub async fn show_taken_vouchers(
    services: Data<Arc<Services>>,
    caller: Caller,
    id: PathId<of::VoucherBatch>,
) -> Result<Answer<VoucherBatchView>, ApiError> {
    Ok(Answer::ok(own_batch(&services, &caller, id.0).await?.into()))
}

/// A batch that the caller has taken.
///
/// # Errors
/// 404 when they have not.
pub async fn own_batch(
    services: &Services,
    caller: &Caller,
    id: VoucherBatchId,
) -> Result<BatchView, ApiError> {
    let batch = services.billing.batch(id).await?;
    let own = batch.filter(|view| view.batch.agent_id == Some(caller.0.user_id));
    own.ok_or_else(|| ApiErrorCode::NotFound.into())
}
