//! Registering by oneself.

use std::sync::Arc;

use actix_web::{HttpRequest, http::header, post, web::Data};
use identity::use_cases::{
    log_in::LoggedIn,
    register::{Register, RegisterError},
};
use kernel::Locale;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::TokensView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::Json,
        policy::RequestContext,
        v1::{
            account_fields as fields,
            me::{LocaleWord, UserView, user_view},
        },
    },
};

/// Who wants an account. At least one of matricule, email and phone is needed; the first of them that is given is the
/// username.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterRequest {
    /// The given name.
    #[validate(length(min = 1, max = 100))]
    #[schema(example = "Élodie", min_length = 1, max_length = 100)]
    first_name: String,
    /// The family name.
    #[validate(length(min = 1, max = 100))]
    #[schema(example = "Mbuyi", min_length = 1, max_length = 100)]
    last_name: String,
    /// The student or staff number.
    #[serde(default)]
    #[validate(length(max = 64))]
    #[schema(example = "2024-ISC-0017", max_length = 64)]
    matricule: Option<String>,
    /// The email address. Without one, an address is made from the matricule.
    #[serde(default)]
    #[validate(length(max = 254))]
    #[schema(example = "elodie@example.org", max_length = 254)]
    email: Option<String>,
    /// The phone number.
    #[serde(default)]
    #[validate(length(max = 32))]
    #[schema(example = "+243812345678", max_length = 32)]
    phone: Option<String>,
    /// The promotion, one that is open.
    #[serde(default)]
    #[schema(example = json!(null))]
    promotion_id: Option<Uuid>,
    /// The language for messages; that of the request when it is not given.
    #[serde(default)]
    locale: Option<LocaleWord>,
    /// The password: at least 10 characters, or hard to guess, and none of the account's names.
    #[validate(length(min = 1, max = 1024))]
    #[schema(format = Password, example = "correct horse battery", min_length = 1, max_length = 1024)]
    password: String,
    /// The password once more.
    #[validate(length(min = 1, max = 1024))]
    #[schema(format = Password, example = "correct horse battery", min_length = 1, max_length = 1024)]
    password_confirmation: String,
}

/// An account that was made, and its first session.
#[derive(Serialize, ToSchema)]
#[schema(as = Registration)]
pub struct RegistrationView {
    /// Its first tokens.
    #[serde(flatten)]
    tokens: TokensView,
    /// The account.
    user: UserView,
    /// When it may use the Wi-Fi.
    wifi: PendingWifiView,
}

/// That an administrator has to give the Wi-Fi first.
#[derive(Serialize, ToSchema)]
#[schema(as = PendingWifi)]
pub struct PendingWifiView {
    /// Always `pending_activation`.
    #[schema(example = "pending_activation")]
    status: &'static str,
    /// The same for people, in their language.
    #[schema(example = "Votre compte est créé. Un administrateur doit encore activer votre accès Wi-Fi.")]
    message: &'static str,
}

impl PendingWifiView {
    const fn new(locale: Locale) -> Self {
        let message = match locale {
            Locale::Fr => "Votre compte est créé. Un administrateur doit encore activer votre accès Wi-Fi.",
            Locale::En => "Your account is made. An administrator has yet to activate your Wi-Fi access.",
        };
        Self { status: "pending_activation", message }
    }
}

/// Makes an account and begins its first session.
///
/// The account is active at once and may buy; the Wi-Fi of the campus waits for an administrator. What one address may
/// register in an hour is bounded, tries with a name that is taken included.
#[utoipa::path(
    tag = "Authentication",
    request_body = RegisterRequest,
    responses(
        (status = 201, description = "The account is made and the session has begun.", body = Envelope<RegistrationView>),
        (status = 422, description = "A value is not accepted; a name that belongs to another account is named."),
        (status = 429, description = "`too_many_registrations` or `rate_limited`: `Retry-After` says when to come back."),
    )
)]
#[post("/api/v1/auth/register")]
pub async fn register(
    services: Data<Arc<Services>>,
    context: RequestContext,
    request: HttpRequest,
    body: Json<RegisterRequest>,
) -> Result<Answer<RegistrationView>, ApiError> {
    let body = body.into_inner();
    fields::same_password(&body.password, &body.password_confirmation)?;
    let locale = body.locale.map_or(context.locale, Locale::from);
    let user_agent = request.headers().get(header::USER_AGENT);
    let command = Register {
        first_name: fields::name("first_name", &body.first_name)?,
        last_name: fields::name("last_name", &body.last_name)?,
        identifiers: fields::identifiers([&body.matricule, &body.email, &body.phone])?,
        promotion_id: body.promotion_id,
        locale,
        password: body.password.into(),
        user_agent: user_agent.and_then(|value| value.to_str().ok()).map(str::to_owned),
    };
    fields::open_promotion(&services, command.promotion_id).await?;
    let LoggedIn { user, tokens, .. } = services.identity.register(command, &context.origin).await?;
    let view = RegistrationView {
        tokens: tokens.into(),
        user: user_view(&services, user.id).await?,
        wifi: PendingWifiView::new(locale),
    };
    Ok(Answer::created(view, "/api/v1/me").with_header(header::CACHE_CONTROL, "no-store"))
}

impl From<RegisterError> for ApiError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Create(error) => error.into(),
            RegisterError::Weak(weak) => fields::weak("password", weak),
            RegisterError::TooMany { retry_after } => Self::new(ApiErrorCode::TooManyRegistrations)
                .retry_after(retry_after.to_std().unwrap_or_default()),
            RegisterError::Store(error) => error.into(),
        }
    }
}
