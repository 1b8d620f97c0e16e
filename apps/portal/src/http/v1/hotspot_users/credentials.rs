//! The credentials themselves.

use std::sync::Arc;

use actix_web::{get, http::header, web::Data};
use chrono::{DateTime, Utc};
use hotspot::queries::{Credentials, CredentialsError};
use kernel::id::of;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
        policy::Caller,
    },
};

/// What it takes to sign in to the Wi-Fi.
#[derive(Serialize, ToSchema)]
#[schema(as = Credentials)]
pub struct CredentialsView {
    /// The name.
    #[schema(example = "HS260117120000101")]
    username: String,
    /// The password.
    #[schema(example = "k7Rm3vXw9Q")]
    password: String,
    /// When they end; null while their validity has not begun.
    #[schema(example = "2026-01-18T12:00:01Z")]
    expired_at: Option<DateTime<Utc>>,
}

/// Shows the username and password of one of the caller's hotspot users.
///
/// Only its owner sees them, not even an administrator, and no cache keeps them.
#[utoipa::path(
    tag = "Hotspot users",
    params(("id" = uuid::Uuid, Path, description = "The hotspot user", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (
            status = 200,
            description = "The credentials.",
            body = Envelope<CredentialsView>,
            headers(("Cache-Control" = String, description = "Always `no-store`")),
        ),
        (status = 404, description = "`not_found`: the caller has no such hotspot user."),
        (status = 409, description = "`credentials_not_ready`: the router does not know them yet."),
    )
)]
#[get("/api/v1/hotspot-users/{id}/credentials")]
pub async fn show_hotspot_user_credentials(
    services: Data<Arc<Services>>,
    caller: Caller,
    id: PathId<of::HotspotUser>,
) -> Result<Answer<CredentialsView>, ApiError> {
    let credentials = services.hotspot.credentials(caller.0.user_id, id.0).await?;
    Ok(Answer::ok(credentials.into()).with_header(header::CACHE_CONTROL, "no-store"))
}

impl From<Credentials> for CredentialsView {
    fn from(credentials: Credentials) -> Self {
        Self {
            username: credentials.username,
            password: credentials.password.reveal().to_owned(),
            expired_at: credentials.expires_at,
        }
    }
}

impl From<CredentialsError> for ApiError {
    fn from(error: CredentialsError) -> Self {
        match error {
            CredentialsError::NotFound => ApiErrorCode::NotFound.into(),
            CredentialsError::NotReady(_) => ApiErrorCode::CredentialsNotReady.into(),
            CredentialsError::Seal(error) => Self::internal(error),
            CredentialsError::Store(error) => error.into(),
        }
    }
}
