//! The door for pawaPay. A signed callback is believed; one without a signature makes the portal ask pawaPay.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Bytes, Data},
};
use billing::adapters::pawapay;

use super::{limited, receive};
use crate::{
    compose::Services,
    http::{error::ApiError, policy::RequestContext, server::Edge},
};

/// Takes pawaPay's callback in.
#[utoipa::path(
    tag = "Gateway callbacks",
    operation_id = "receive_pawapay_callback",
    request_body(content = String, content_type = "application/json", description = "As pawaPay sends it, at most 64 KiB. With keys configured it must bear `Content-Digest`, `Signature-Input` and `Signature` (RFC 9421)."),
    responses(
        (status = 200, description = "Kept, or taken as a hint to ask pawaPay. It is not sent again.", body = String, content_type = "text/plain"),
        (status = 401, description = "The signature is wrong or missing, or pawaPay is not set up."),
        (status = 429, description = "Too many forged callbacks came from this address. Genuine ones are never limited."),
    )
)]
#[post("/api/v1/payments/callback/pawapay")]
pub async fn receive_pawapay_callback(
    services: Data<Arc<Services>>,
    edge: Data<Edge>,
    context: RequestContext,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, ApiError> {
    let taken = receive(&services, pawapay::NAME, &context, &request, body).await;
    taken.map_err(|error| limited(&edge, &context, error))
}

/// Takes pawaPay's callback in, the secret part of its address being the last of the path.
#[utoipa::path(
    tag = "Gateway callbacks",
    operation_id = "receive_pawapay_callback_with_token",
    request_body(content = String, content_type = "application/json", description = "As pawaPay sends it, at most 64 KiB. With keys configured it must bear `Content-Digest`, `Signature-Input` and `Signature` (RFC 9421)."),
    params(("token" = String, Path, description = "The secret part of the address.")),
    responses(
        (status = 200, description = "Kept, or taken as a hint to ask pawaPay. It is not sent again.", body = String, content_type = "text/plain"),
        (status = 401, description = "Token or signature is wrong or missing, or pawaPay is not set up."),
        (status = 429, description = "Too many forged callbacks came from this address. Genuine ones are never limited."),
    )
)]
#[post("/api/v1/payments/callback/pawapay/{token}")]
pub async fn receive_pawapay_callback_with_token(
    services: Data<Arc<Services>>,
    edge: Data<Edge>,
    context: RequestContext,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, ApiError> {
    let taken = receive(&services, pawapay::NAME, &context, &request, body).await;
    taken.map_err(|error| limited(&edge, &context, error))
}
