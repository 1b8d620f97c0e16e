//! The name of a request: the caller's own `X-Request-Id`, or a new one. It is returned, stands in every log line
//! that the request causes, and travels with its events and jobs.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use kernel::RequestId;
use tracing::{Instrument as _, field};

use super::server::Edge;

/// Carries the name both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Names the request, and logs it when it has been answered.
///
/// # Errors
/// Those of the services within.
pub async fn name(
    edge: Data<Edge>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let id = sent(&request).or_else(|| RequestId::parse(&edge.ambient.uuid_v4().to_string()));
    // The pattern and not the path: a path can hold a secret, such as the token of a callback's address.
    let route = request.match_pattern().unwrap_or_else(|| "unknown".to_owned());
    let span = tracing::info_span!(
        "request",
        request_id = id.as_ref().map(field::display),
        method = %request.method(),
        route,
    );
    let header = id.as_ref().and_then(|id| HeaderValue::from_str(id.as_str()).ok());
    if let Some(id) = id {
        request.extensions_mut().insert(id);
    }
    let mut response = next.call(request).instrument(span.clone()).await?;
    if let Some(header) = header {
        response.headers_mut().insert(HEADER, header);
    }
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), milliseconds, "answered"));
    Ok(response)
}

fn sent(request: &ServiceRequest) -> Option<RequestId> {
    let header = request.headers().get(HEADER)?;
    RequestId::parse(header.to_str().ok()?)
}

/// The name of a request as an answer shows it.
pub(super) fn text_of(request: &HttpRequest) -> String {
    of(request).map_or_else(String::new, |id| id.to_string())
}

/// The name of a request that has passed [`name`].
#[must_use]
pub fn of(request: &HttpRequest) -> Option<RequestId> {
    request.extensions().get::<RequestId>().cloned()
}
