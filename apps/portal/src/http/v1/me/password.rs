//! Changing one's own password.

use std::sync::Arc;

use actix_web::{put, web::Data};
use identity::use_cases::{
    change_password::{ChangePassword, ChangePasswordError},
    log_in::LogInError,
    prove_password::ProofError,
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        envelope::NoContent,
        error::{ApiError, ApiErrorCode},
        input::Json,
        policy::{Caller, RequestContext},
        v1::account_fields as fields,
    },
};

/// A new password.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordRequest {
    /// The password up to now.
    #[validate(length(min = 1, max = 1024))]
    #[schema(format = Password, example = "correct horse battery", min_length = 1, max_length = 1024)]
    current_password: String,
    /// The password from now on: at least 10 characters, or hard to guess, and none of the account's names.
    #[validate(length(min = 1, max = 1024))]
    #[schema(format = Password, example = "wrong horse staple", min_length = 1, max_length = 1024)]
    password: String,
    /// The same once more.
    #[validate(length(min = 1, max = 1024))]
    #[schema(format = Password, example = "wrong horse staple", min_length = 1, max_length = 1024)]
    password_confirmation: String,
    /// Whether the secret for the Wi-Fi stays as it is, apart from the password. When it is not given, a secret that is
    /// the password changes with it, and one of its own stays.
    #[serde(default)]
    #[schema(example = false)]
    keep_wifi_secret: Option<bool>,
}

/// Changes the caller's password, with which they sign in to the Wi-Fi too unless they keep the two apart.
///
/// Every other session of the caller ends. Wrong passwords count as failed logins do.
#[utoipa::path(
    tag = "Account",
    request_body = ChangePasswordRequest,
    responses(
        (status = 204, description = "The password is changed."),
        (status = 422, description = "`current_password` is wrong, or the new one is not accepted."),
        (status = 429, description = "`login_locked` or `rate_limited`: `Retry-After` says when to come back."),
    )
)]
#[put("/api/v1/me/password")]
pub async fn change_my_password(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    body: Json<ChangePasswordRequest>,
) -> Result<NoContent, ApiError> {
    let body = body.into_inner();
    fields::same_password(&body.password, &body.password_confirmation)?;
    let command = ChangePassword {
        user_id: caller.0.user_id,
        session_id: caller.0.session_id,
        current: body.current_password.into(),
        new: body.password.into(),
        keep_wifi_secret: body.keep_wifi_secret,
    };
    services
        .identity
        .change_password(command, &context.origin)
        .await
        .map_err(|error| refusal(error, "password"))?;
    Ok(NoContent)
}

/// What a caller is told; `field` holds the new secret.
pub(super) fn refusal(error: ChangePasswordError, field: &'static str) -> ApiError {
    match error {
        // The account went away after the token was looked at.
        ChangePasswordError::NotFound => ApiErrorCode::Unauthenticated.into(),
        ChangePasswordError::Proof(ProofError::Wrong) => ApiError::field(
            "current_password",
            fields::said("n'est pas le mot de passe actuel", "is not the present password"),
        ),
        ChangePasswordError::Proof(error) => LogInError::from(error).into(),
        ChangePasswordError::Weak(weak) => fields::weak(field, weak),
        ChangePasswordError::Password(error) => ApiError::internal(error),
        ChangePasswordError::Seal(error) => ApiError::internal(error),
        ChangePasswordError::Store(error) => error.into(),
    }
}
