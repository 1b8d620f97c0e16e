//! Beginning a session.

use std::sync::Arc;

use actix_web::{HttpRequest, http::header, post, web::Data};
use identity::use_cases::log_in::{LogIn, LogInError, LoggedIn};
use serde::{Deserialize, Serialize};
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
        v1::me::{UserView, user_view},
    },
};

/// Who wants to sign in.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// An email address, a phone number or a matricule.
    #[validate(length(min = 1, max = 254))]
    #[schema(example = "admin@demo.test", min_length = 1, max_length = 254)]
    login: String,
    /// The password that goes with it.
    #[validate(length(min = 1, max = 1024))]
    #[schema(format = Password, example = "password", min_length = 1, max_length = 1024)]
    password: String,
}

/// A session that has begun.
#[derive(Serialize, ToSchema)]
#[schema(as = Login)]
pub struct LoginView {
    /// Its first tokens.
    #[serde(flatten)]
    tokens: TokensView,
    /// Who signed in.
    user: UserView,
}

/// Begins a session with login and password.
///
/// A wrong password and an unknown login give the same answer. After five failures within 15 minutes the login,
/// and the address they came from, are locked: for 1 minute, then 5, 15, 60.
#[utoipa::path(
    tag = "Authentication",
    responses(
        (status = 200, description = "The session has begun.", body = Envelope<LoginView>),
        (status = 401, description = "`invalid_credentials`: login and password do not belong together."),
        (status = 403, description = "`account_inactive`: the account has been switched off."),
        (status = 429, description = "`login_locked` or `rate_limited`: `Retry-After` says when to come back."),
    )
)]
#[post("/api/v1/auth/login")]
pub async fn log_in(
    services: Data<Arc<Services>>,
    context: RequestContext,
    request: HttpRequest,
    body: Json<LoginRequest>,
) -> Result<Answer<LoginView>, ApiError> {
    let LoginRequest { login, password } = body.into_inner();
    let user_agent = request.headers().get(header::USER_AGENT);
    let user_agent = user_agent.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let command = LogIn { login, password: password.into(), user_agent };
    let LoggedIn { user, tokens, .. } = services.identity.log_in(command, &context.origin).await?;
    Ok(Answer::ok(LoginView { tokens: tokens.into(), user: user_view(&services, user.id).await? }))
}

impl From<LogInError> for ApiError {
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::InvalidCredentials => ApiErrorCode::InvalidCredentials.into(),
            LogInError::Locked { retry_after } => {
                Self::new(ApiErrorCode::LoginLocked).retry_after(retry_after.to_std().unwrap_or_default())
            }
            LogInError::Inactive => ApiErrorCode::AccountInactive.into(),
            LogInError::Password(error) => Self::internal(error),
            LogInError::Seal(error) => Self::internal(error),
            LogInError::Store(error) => error.into(),
        }
    }
}
