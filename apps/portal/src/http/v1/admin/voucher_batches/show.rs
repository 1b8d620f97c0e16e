//! One batch of vouchers.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use super::VoucherBatchView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
    },
};

/// One batch of vouchers, with what has become of them.
#[utoipa::path(
    tag = "Administration",
    operation_id = "show_voucher_batch",
    params(("id" = Uuid, Path, description = "The batch.")),
    responses(
        (status = 200, description = "The batch.", body = Envelope<VoucherBatchView>),
        (status = 404, description = "There is no such batch."),
    )
)]
#[get("/api/v1/admin/voucher-batches/{id}")]
pub async fn show_voucher_batch(
    services: Data<Arc<Services>>,
    id: PathId<of::VoucherBatch>,
) -> Result<Answer<VoucherBatchView>, ApiError> {
    let batch = services.billing.batch(id.0).await?.ok_or(ApiErrorCode::NotFound)?;
    Ok(Answer::ok(batch.into()))
}
