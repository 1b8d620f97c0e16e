//! Printing the vouchers that an agent has taken.

use std::sync::Arc;

use actix_web::{HttpResponse, post, web::Data};
use kernel::id::of;

use crate::{
    compose::Services,
    http::{
        error::{ApiError, ApiErrorCode},
        input::{Json, PathId},
        policy::{Caller, RequestContext},
        server::Edge,
        v1::admin::voucher_batches::print::{PrintVouchersRequest, print},
    },
};

/// Prints the vouchers that the caller has taken and nobody has redeemed.
///
/// Whoever has the file has the vouchers. From the second time on a reason is asked for.
#[utoipa::path(
    tag = "Agents",
    operation_id = "print_taken_vouchers",
    request_body = PrintVouchersRequest,
    params(("id" = Uuid, Path, description = "The vouchers that were taken together.")),
    responses(
        (status = 200, description = "The file.", body = Vec<u8>, content_type = "application/pdf"),
        (status = 404, description = "The caller has taken no such vouchers."),
        (status = 409, description = "`voucher_revoked`: they are not worth printing."),
        (status = 422, description = "A value is not accepted; `reason` is missing where the codes were given out before."),
    )
)]
#[post("/api/v1/agent/vouchers/{id}/print")]
pub async fn print_taken_vouchers(
    services: Data<Arc<Services>>,
    edge: Data<Edge>,
    caller: Caller,
    context: RequestContext,
    id: PathId<of::VoucherBatch>,
    body: Json<PrintVouchersRequest>,
) -> Result<HttpResponse, ApiError> {
    let batch = services.billing.batch(id.0).await?;
    let own = batch.is_some_and(|view| view.batch.agent_id == Some(caller.0.user_id));
    if !own {
        return Err(ApiErrorCode::NotFound.into());
    }
    print(&services, &edge, &context, id.0, body.into_inner()).await
}
