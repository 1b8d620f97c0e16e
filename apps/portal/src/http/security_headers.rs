//! What browsers are told to refuse on our behalf. An answer's own header stands over these.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
        STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
    middleware::Next,
    web::Data,
};

use super::server::Edge;

/// An answer of the API is data: nothing in it may run or be framed.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// The documentation page runs its own scripts, from this service alone; it sets styles from within them.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Puts the headers on every answer.
///
/// # Errors
/// Those of the services within.
pub async fn protect(
    edge: Data<Edge>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_docs = request.path().starts_with("/docs/");
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    put(CONTENT_SECURITY_POLICY, if is_docs { DOCS_POLICY } else { API_POLICY });
    put(X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(X_FRAME_OPTIONS, "DENY");
    put(REFERRER_POLICY, "no-referrer");
    put(PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=()");
    put(RESOURCE_POLICY, "same-origin");
    put(CACHE_CONTROL, if is_docs { "public, max-age=3600" } else { "no-store" });
    if edge.settings.public_tls {
        put(STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    Ok(response)
}
