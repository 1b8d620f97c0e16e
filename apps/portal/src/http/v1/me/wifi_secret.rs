//! A secret for the Wi-Fi of its own.

use std::sync::Arc;

use actix_web::{http::header, put, web::Data};
use identity::use_cases::change_password::NewWifiSecret;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::password::refusal;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, FieldProblem},
        input::Json,
        policy::{Caller, RequestContext},
    },
};

/// Another secret for the Wi-Fi.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WifiSecretRequest {
    /// The password of the account.
    #[validate(length(min = 1, max = 1024))]
    #[schema(format = Password, example = "correct horse battery", min_length = 1, max_length = 1024)]
    current_password: String,
    /// Where the secret comes from.
    source: WifiSecretSource,
    /// The secret, with `chosen` alone: as hard to guess as a password.
    #[serde(default)]
    #[validate(length(min = 1, max = 1024))]
    #[schema(format = Password, example = "staple battery horse", min_length = 1, max_length = 1024)]
    secret: Option<String>,
}

/// Where a secret for the Wi-Fi comes from: `generated` (made by the portal and shown once), `chosen`, or `password` (the
/// account's password, with which it changes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(as = WifiSecretSource, example = "generated")]
#[serde(rename_all = "snake_case")]
pub enum WifiSecretSource {
    /// Made by the portal.
    Generated,
    /// Given in `secret`.
    Chosen,
    /// The password of the account.
    Password,
}

/// The secret for the Wi-Fi, changed.
#[derive(Serialize, ToSchema)]
#[schema(as = WifiSecret)]
pub struct WifiSecretView {
    /// The secret when the portal made it, shown this once; else null.
    #[schema(example = "k7Rm3vXw9QhT")]
    secret: Option<String>,
}

/// Changes the secret with which the caller signs in to the Wi-Fi.
///
/// A secret of its own stays when the password changes. No cache keeps the answer.
#[utoipa::path(
    tag = "Account",
    request_body = WifiSecretRequest,
    responses(
        (
            status = 200,
            description = "The secret is changed.",
            body = Envelope<WifiSecretView>,
            headers(("Cache-Control" = String, description = "Always `no-store`")),
        ),
        (status = 422, description = "`current_password` is wrong, or the secret is not accepted."),
        (status = 429, description = "`login_locked` or `rate_limited`: `Retry-After` says when to come back."),
    )
)]
#[put("/api/v1/me/wifi-secret")]
pub async fn change_my_wifi_secret(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    body: Json<WifiSecretRequest>,
) -> Result<Answer<WifiSecretView>, ApiError> {
    let body = body.into_inner();
    let new = match (body.source, body.secret) {
        (WifiSecretSource::Generated, None) => NewWifiSecret::Generated,
        (WifiSecretSource::Password, None) => NewWifiSecret::Password,
        (WifiSecretSource::Chosen, Some(secret)) => NewWifiSecret::Chosen(secret.into()),
        (WifiSecretSource::Chosen, None) => return Err(ApiError::field("secret", FieldProblem::Missing)),
        (_, Some(_)) => {
            let fr = "n'accompagne que `chosen`".to_owned();
            let problem = FieldProblem::Said(fr, "goes with `chosen` alone".to_owned());
            return Err(ApiError::field("secret", problem));
        }
    };
    let shown = services
        .identity
        .change_wifi_secret(caller.0.user_id, &body.current_password.into(), new, &context.origin)
        .await
        .map_err(|error| refusal(error, "secret"))?;
    let view = WifiSecretView { secret: shown.map(|secret| secret.expose_secret().to_owned()) };
    Ok(Answer::ok(view).with_header(header::CACHE_CONTROL, "no-store"))
}
