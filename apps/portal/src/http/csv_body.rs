//! [`CsvBody`]: a file of comma-separated values as a request's body. It may be larger than other bodies, and is
//! read no further than its bound.

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header,
    web::{self, Bytes},
};
use billing::statement::MAX_BYTES;

use super::error::{ApiError, ApiErrorCode};

/// The media types that programs send such files with.
const MEDIA_TYPES: [&str; 3] = ["text/csv", "application/csv", "text/plain"];

/// The bytes of a file.
#[derive(Debug)]
pub struct CsvBody(pub Bytes);

impl FromRequest for CsvBody {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_csv = is_csv(request);
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            if !is_csv {
                return Err(ApiErrorCode::UnsupportedMediaType.into());
            }
            let payload = payload.await.map_err(|_| ApiErrorCode::MalformedRequest)?;
            match payload.to_bytes_limited(MAX_BYTES).await {
                Ok(Ok(bytes)) => Ok(Self(bytes)),
                Ok(Err(_)) => Err(ApiErrorCode::MalformedRequest.into()),
                Err(_) => Err(ApiErrorCode::PayloadTooLarge.into()),
            }
        })
    }
}

fn is_csv(request: &HttpRequest) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    MEDIA_TYPES.contains(&media_type.trim().to_ascii_lowercase().as_str())
}
