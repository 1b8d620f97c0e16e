//! Going on with a session.

use std::sync::Arc;

use actix_web::{post, web::Data};
use identity::use_cases::refresh_tokens::RefreshError;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::TokensView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::Json,
        policy::RequestContext,
    },
};

/// The token to trade in.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The refresh token of the last pair.
    #[validate(length(min = 1, max = 200))]
    #[schema(example = "hpr_9Kd2Wq7sB1nMx5ZcVf8gHj3lPo6iUy4tRe0aEwQrTzI", min_length = 1, max_length = 200)]
    refresh_token: String,
}

/// Trades a refresh token for the next pair of tokens.
///
/// Each refresh token works once. One that is presented a second time has been stolen from one of its two users,
/// so that the whole session is ended.
#[utoipa::path(
    tag = "Authentication",
    responses(
        (status = 200, description = "The next pair of tokens.", body = Envelope<TokensView>),
        (status = 401, description = "`invalid_refresh_token`: the token is unknown, expired, used or revoked."),
    )
)]
#[post("/api/v1/auth/token/refresh")]
pub async fn refresh_tokens(
    services: Data<Arc<Services>>,
    context: RequestContext,
    body: Json<RefreshRequest>,
) -> Result<Answer<TokensView>, ApiError> {
    let token = body.into_inner().refresh_token;
    let refreshed = services.identity.refresh_tokens(&token, &context.origin).await?;
    Ok(Answer::ok(refreshed.tokens.into()))
}

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Invalid | RefreshError::Reused => ApiErrorCode::InvalidRefreshToken.into(),
            RefreshError::Store(error) => error.into(),
        }
    }
}
