//! The door for gateways. What comes in is authenticated on its raw bytes and kept before it is answered; what
//! it means is found out afterwards.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::ContentType,
    post,
    web::{Bytes, Data},
};
use billing::{
    adapters::serdipay, ports::gateway::RawCallback, use_cases::receive_callback::ReceiveCallbackError,
};

use crate::{
    compose::Services,
    http::{
        error::{ApiError, ApiErrorCode},
        policy::RequestContext,
        server::Edge,
    },
};

pub mod pawapay;

/// Takes SerdiPay's callback in, the secret part of its address being the last of the path.
#[utoipa::path(
    tag = "Gateway callbacks",
    operation_id = "receive_callback_with_token",
    request_body(content = String, content_type = "application/json", description = "As the gateway sends it, at most 64 KiB. With a signing secret, `X-Serdipay-Signature` is the HMAC-SHA-256 of these bytes in hexadecimal."),
    params(("token" = String, Path, description = "The secret part of the address.")),
    responses(
        (status = 200, description = "Kept, now or before. It is not sent again.", body = String, content_type = "text/plain"),
        (status = 401, description = "Token or signature is wrong."),
        (status = 429, description = "Too many forged callbacks came from this address. Genuine ones are never limited."),
    )
)]
#[post("/api/v1/payments/callback/serdipay/{token}")]
pub async fn receive_callback_with_token(
    services: Data<Arc<Services>>,
    edge: Data<Edge>,
    context: RequestContext,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, ApiError> {
    let taken = receive(&services, serdipay::NAME, &context, &request, body).await;
    taken.map_err(|error| limited(&edge, &context, error))
}

/// Takes SerdiPay's callback in where its signature alone protects it.
#[utoipa::path(
    tag = "Gateway callbacks",
    operation_id = "receive_callback",
    request_body(content = String, content_type = "application/json", description = "As the gateway sends it, at most 64 KiB. `X-Serdipay-Signature` is the HMAC-SHA-256 of these bytes in hexadecimal."),
    responses(
        (status = 200, description = "Kept, now or before. It is not sent again.", body = String, content_type = "text/plain"),
        (status = 401, description = "The signature is wrong."),
        (status = 429, description = "Too many forged callbacks came from this address. Genuine ones are never limited."),
    )
)]
#[post("/api/v1/payments/callback/serdipay")]
pub async fn receive_callback(
    services: Data<Arc<Services>>,
    edge: Data<Edge>,
    context: RequestContext,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, ApiError> {
    let taken = receive(&services, serdipay::NAME, &context, &request, body).await;
    taken.map_err(|error| limited(&edge, &context, error))
}

/// Takes a callback in that came to a gateway's door.
async fn receive(
    services: &Services,
    door: &str,
    context: &RequestContext,
    request: &HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, ReceiveCallbackError> {
    let path_token = request.match_info().get("token").map(str::to_owned);
    let mut headers = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in request.headers() {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.entry(name.as_str().to_owned()).or_default().push(value);
    }
    let callback = RawCallback { body: body.to_vec(), headers, path_token, peer: context.origin.ip };
    let heard = services.billing.receive_callback(&context.origin, door, callback).await?;
    Ok(HttpResponse::Ok().content_type(ContentType::plaintext()).body(heard))
}

/// What a refused callback is told: the same as ever, until there were too many forged ones from its address.
fn limited(edge: &Edge, context: &RequestContext, error: ReceiveCallbackError) -> ApiError {
    let forged = matches!(error, ReceiveCallbackError::NotAuthentic);
    match forged.then(|| edge.limiter.count_forgery(context.origin.ip)).flatten() {
        Some(wait) => ApiError::new(ApiErrorCode::RateLimited).retry_after(wait),
        None => error.into(),
    }
}

impl From<ReceiveCallbackError> for ApiError {
    fn from(error: ReceiveCallbackError) -> Self {
        match error {
            ReceiveCallbackError::NotAuthentic => ApiErrorCode::CallbackNotAuthentic.into(),
            // Nothing was kept: whatever the reason, the gateway must send it again.
            ReceiveCallbackError::Store(error) => {
                Self::new(ApiErrorCode::ServiceUnavailable).caused_by(error)
            }
        }
    }
}
