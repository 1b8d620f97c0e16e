//! Printing the vouchers that an agent has taken.

use std::sync::Arc;

use actix_web::{HttpResponse, post, web::Data};
use kernel::id::of;

use super::taken::own_batch;
use crate::{
    compose::Services,
    http::{
        error::ApiError,
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
        (
            status = 200,
            description = "The file; its media type is that of the form.",
            content((Vec<u8> = "application/pdf"), (String = "text/csv"))
        ),
        (status = 404, description = "The caller has taken no such vouchers."),
        (status = 409, description = "`voucher_revoked`, or `voucher_over`: none of them can be redeemed any more."),
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
    own_batch(&services, &caller, id.0).await?;
    print(&services, &edge, &context, id.0, body.into_inner()).await
}
