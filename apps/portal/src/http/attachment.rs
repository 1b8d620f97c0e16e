//! Answers that are saved as files.

use actix_web::{HttpResponse, http::header, web};

use super::error::ApiError;

/// Makes a file on a thread that may take its time: that of the request would serve nobody else meanwhile.
///
/// # Errors
/// The file cannot be made.
pub(in crate::http) async fn make<E>(
    file: impl FnOnce() -> Result<Vec<u8>, E> + Send + 'static,
) -> Result<Vec<u8>, ApiError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
{
    web::block(file).await.map_err(ApiError::internal)?.map_err(ApiError::internal)
}

/// A file of this name and media type, which nobody between keeps.
pub(in crate::http) fn attachment(name: &str, media_type: &str, file: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(file)
}
