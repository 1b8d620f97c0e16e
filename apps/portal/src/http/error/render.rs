//! Failed requests as answers: the envelope, or for a caller that asks for it a problem document (RFC 9457).
//! Everything that fails passes here, the framework's own refusals too.

use std::collections::BTreeMap;

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
};
use kernel::Locale;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ApiError, ApiErrorCode};
use crate::http::{
    envelope::{ErrorEnvelope, ErrorMeta},
    policy::context_of,
    request_id,
};

/// The media type of problem documents.
pub const PROBLEM: &str = "application/problem+json";

/// What went wrong, as RFC 9457 writes it, for callers that accept `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:hotspot-portal:problem:validation_failed")]
    pub kind: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// What went wrong, for people, in the caller's language.
    #[schema(example = "Certaines valeurs ne sont pas acceptées.")]
    pub title: String,
    /// What went wrong, for programs.
    pub code: ApiErrorCode,
    /// Names the request, for questions to the operator.
    #[schema(example = "0197f2a4-6a1e-4c53-9b7e-2f5d8c1a3e90")]
    pub request_id: String,
    /// What is wrong with which field.
    #[schema(example = json!({"quantity": ["doit être au moins 1"]}))]
    pub errors: BTreeMap<String, Vec<String>>,
}

/// Gives every failed answer its body.
///
/// # Errors
/// Those of the services within that have no answer of their own.
pub async fn present(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return Ok(response.map_into_boxed_body());
    }
    let mut answer = match response.response().error() {
        Some(error) => match error.as_error::<ApiError>() {
            Some(error) => answer(error, response.request()),
            None => answer(&foreign(status, error), response.request()),
        },
        None if has_body(&response) => return Ok(response.map_into_boxed_body()),
        None => answer(&ApiError::new(code_of(status)), response.request()),
    };
    let (request, bare) = response.into_parts();
    // What the layers within had to say about limits stays true.
    for (name, value) in bare.headers() {
        if !answer.headers().contains_key(name) {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    Ok(ServiceResponse::new(request, answer))
}

/// Whether somebody gave the answer a body already.
fn has_body<B: MessageBody>(response: &ServiceResponse<B>) -> bool {
    !matches!(
        response.response().body().size(),
        actix_web::body::BodySize::None | actix_web::body::BodySize::Sized(0)
    )
}

/// An error of the framework's.
fn foreign(status: StatusCode, error: &Error) -> ApiError {
    let code = code_of(status);
    if code == ApiErrorCode::InternalError {
        ApiError::internal(error.to_string())
    } else {
        ApiError::new(code)
    }
}

fn code_of(status: StatusCode) -> ApiErrorCode {
    ApiErrorCode::ALL.iter().copied().find(|code| code.status() == status).unwrap_or(
        if status.is_client_error() { ApiErrorCode::MalformedRequest } else { ApiErrorCode::InternalError },
    )
}

/// The answer to a request that failed.
fn answer(error: &ApiError, request: &HttpRequest) -> HttpResponse {
    if let Some(cause) = &error.cause {
        tracing::error!(code = error.code.as_str(), cause = chain(cause.as_ref()), "request failed");
    }
    let locale = context_of(request).map_or_else(|| asked_locale(request), |context| context.locale);
    let code = error.code;
    let mut response = HttpResponse::build(code.status());
    if code.status() == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    if let Some(wait) = error.retry_after {
        // Rounded up, so that who waits as told is not refused again.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response.insert_header((header::RETRY_AFTER, seconds.max(1)));
    }
    for header in &error.headers {
        response.insert_header(header.clone());
    }
    response.insert_header((header::CONTENT_LANGUAGE, locale.tag()));
    let errors = error.fields.iter().map(|(path, problems)| {
        let sentences = problems.iter().map(|problem| problem.sentence(locale));
        (path.clone(), sentences.collect())
    });
    let (errors, message) = (errors.collect(), code.sentence(locale).to_owned());
    let request_id = request_id::text_of(request);
    if wants_problem(request) {
        return response.content_type(PROBLEM).json(Problem {
            kind: format!("urn:hotspot-portal:problem:{}", code.as_str()),
            status: code.status().as_u16(),
            title: message,
            code,
            request_id,
            errors,
        });
    }
    response.json(ErrorEnvelope {
        success: false,
        data: (),
        meta: ErrorMeta { request_id, code, message },
        errors,
    })
}

/// The language that a request asks for, before it is known whose it is.
pub(in crate::http) fn asked_locale(request: &HttpRequest) -> Locale {
    let asked = request.headers().get(header::ACCEPT_LANGUAGE);
    asked.and_then(|value| value.to_str().ok()).and_then(Locale::negotiate).unwrap_or_default()
}

fn wants_problem(request: &HttpRequest) -> bool {
    request
        .headers()
        .get_all(header::ACCEPT)
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains(PROBLEM))
}

/// An error with everything that it says caused it.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
