//! Signing in and out: the tokens that every endpoint here gives or takes.

use chrono::{DateTime, Utc};
use identity::session::IssuedTokens;
use serde::Serialize;
use utoipa::ToSchema;

pub mod login;
pub mod logout;
pub mod logout_all;
pub mod refresh;
pub mod register;
pub mod stream_ticket;

/// A pair of tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = Tokens)]
pub struct TokensView {
    /// Proves the session: sent as `Authorization: Bearer …` with every request.
    #[schema(example = "hpa_3Zf0Jm1qX9bYt6RkVw2uLs8dNc4eGh7iPo5aTrKyQxE")]
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Until when the access token is good.
    #[schema(example = "2026-01-17T13:00:00Z")]
    access_expires_at: DateTime<Utc>,
    /// Gets the next pair, once.
    #[schema(example = "hpr_9Kd2Wq7sB1nMx5ZcVf8gHj3lPo6iUy4tRe0aEwQrTzI")]
    refresh_token: String,
    /// Until when the refresh token is good.
    #[schema(example = "2026-01-18T12:00:00Z")]
    refresh_expires_at: DateTime<Utc>,
}

impl From<IssuedTokens> for TokensView {
    fn from(tokens: IssuedTokens) -> Self {
        Self {
            access_token: tokens.access.expose().to_owned(),
            token_type: "Bearer",
            access_expires_at: tokens.access_expires_at,
            refresh_token: tokens.refresh.expose().to_owned(),
            refresh_expires_at: tokens.refresh_expires_at,
        }
    }
}
