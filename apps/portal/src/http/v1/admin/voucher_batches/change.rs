//! Suspending, resuming and revoking vouchers.

use std::sync::Arc;

use actix_web::{HttpResponse, post, web::Data};
use billing::voucher::BatchStatus;
use kernel::id::{ids::VoucherBatchId, of};

use super::VoucherBatchView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
        policy::RequestContext,
    },
};

/// Suspends the vouchers of a batch: none is redeemed until they are resumed. Twice changes nothing.
#[utoipa::path(
    tag = "Administration",
    operation_id = "suspend_voucher_batch",
    params(("id" = Uuid, Path, description = "The batch.")),
    responses(
        (status = 200, description = "The batch.", body = Envelope<VoucherBatchView>),
        (status = 404, description = "There is no such batch."),
        (status = 409, description = "`voucher_revoked`: they stay revoked."),
    )
)]
#[post("/api/v1/admin/voucher-batches/{id}/suspend")]
pub async fn suspend_voucher_batch(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::VoucherBatch>,
) -> Result<Answer<VoucherBatchView>, ApiError> {
    change(&services, &context, id.0, BatchStatus::Suspended).await
}

/// Has the vouchers of a suspended batch be redeemed again. Twice changes nothing.
#[utoipa::path(
    tag = "Administration",
    operation_id = "resume_voucher_batch",
    params(("id" = Uuid, Path, description = "The batch.")),
    responses(
        (status = 200, description = "The batch.", body = Envelope<VoucherBatchView>),
        (status = 404, description = "There is no such batch."),
        (status = 409, description = "`voucher_revoked`: they stay revoked."),
    )
)]
#[post("/api/v1/admin/voucher-batches/{id}/resume")]
pub async fn resume_voucher_batch(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::VoucherBatch>,
) -> Result<Answer<VoucherBatchView>, ApiError> {
    change(&services, &context, id.0, BatchStatus::Active).await
}

/// Revokes the vouchers of a batch that were not redeemed, for ever. Credentials of those that were stay good. An agent
/// who had taken them gets what they had paid for them. Twice changes nothing.
#[utoipa::path(
    tag = "Administration",
    operation_id = "revoke_voucher_batch",
    params(("id" = Uuid, Path, description = "The batch.")),
    responses(
        (status = 200, description = "The batch.", body = Envelope<VoucherBatchView>),
        (status = 404, description = "There is no such batch."),
    )
)]
#[post("/api/v1/admin/voucher-batches/{id}/revoke")]
pub async fn revoke_voucher_batch(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::VoucherBatch>,
) -> Result<Answer<VoucherBatchView>, ApiError> {
    change(&services, &context, id.0, BatchStatus::Revoked).await
}

/// Revokes one voucher, for ever: one that was lost or stolen. An agent who had taken it gets what they had paid for it.
#[utoipa::path(
    tag = "Administration",
    operation_id = "revoke_voucher",
    params(("id" = Uuid, Path, description = "The voucher.")),
    responses(
        (status = 204, description = "It is revoked."),
        (status = 404, description = "There is no such voucher."),
        (status = 409, description = "`voucher_over`: it was redeemed, or revoked before."),
    )
)]
#[post("/api/v1/admin/vouchers/{id}/revoke")]
pub async fn revoke_voucher(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::Voucher>,
) -> Result<HttpResponse, ApiError> {
    services.billing.revoke_voucher(&context.origin, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn change(
    services: &Services,
    context: &RequestContext,
    id: VoucherBatchId,
    status: BatchStatus,
) -> Result<Answer<VoucherBatchView>, ApiError> {
    services.billing.set_batch_status(&context.origin, id, status).await?;
    let changed = services.billing.batch(id).await?.ok_or(ApiErrorCode::NotFound)?;
    Ok(Answer::ok(changed.into()))
}
