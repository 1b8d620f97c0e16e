//! The vouchers of a batch.

use std::sync::Arc;

use actix_web::{get, web::Data};
use billing::queries::vouchers::VoucherFilter;
use kernel::id::of;
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::{VoucherStatusWord, VoucherView};
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::{ApiError, ApiErrorCode},
        input::{PathId, Query},
        pagination::PageQuery,
    },
};

/// Which vouchers to list.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct VoucherQuery {
    /// Only with this status of their own.
    #[param(inline)]
    pub status: Option<VoucherStatusWord>,
}

/// The vouchers of a batch by number, without their codes.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_vouchers",
    params(("id" = Uuid, Path, description = "The batch."), PageQuery, VoucherQuery),
    responses(
        (status = 200, description = "One page of vouchers.", body = ListEnvelope<VoucherView>),
        (status = 404, description = "There is no such batch."),
    )
)]
#[get("/api/v1/admin/voucher-batches/{id}/vouchers")]
pub async fn list_vouchers(
    services: Data<Arc<Services>>,
    id: PathId<of::VoucherBatch>,
    page: Query<PageQuery>,
    query: Query<VoucherQuery>,
) -> Result<ListAnswer<VoucherView>, ApiError> {
    services.billing.batch(id.0).await?.ok_or(ApiErrorCode::NotFound)?;
    let filter = VoucherFilter { batch_id: id.0, status: query.0.status.map(Into::into) };
    let vouchers = services.billing.vouchers(&filter, page.0.request()).await?;
    Ok(ListAnswer::of(vouchers.map(VoucherView::from)))
}
