//! An account for somebody else.

use std::sync::Arc;

use actix_web::{http::header, post, web::Data};
use identity::use_cases::create_user::CreateUser;
use kernel::{Locale, Role};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{WithPasswordView, keeper, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::Json,
        policy::{Caller, RequestContext},
        v1::{
            account_fields as fields,
            me::{LocaleWord, RoleWord},
        },
    },
};

/// The account to make. At least one of matricule, email and phone is needed; the first of them that is given is the
/// username.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUserRequest {
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
    /// What kind of account it is; `user` when it is not given. Only admins make accounts of staff.
    #[serde(default)]
    role: Option<RoleWord>,
    /// The language for messages; French when it is not given.
    #[serde(default)]
    locale: Option<LocaleWord>,
    /// The password; one is made and shown once when none is given.
    #[serde(default)]
    #[validate(length(min = 1, max = 1024))]
    #[schema(format = Password, example = "correct horse battery", min_length = 1, max_length = 1024)]
    password: Option<String>,
    /// Whether the account may use the Wi-Fi at once; it needs a profile for that, its promotion's for example.
    #[serde(default)]
    #[schema(example = true)]
    activate_wifi: bool,
}

/// Makes an account for somebody else.
#[utoipa::path(
    tag = "Administration",
    operation_id = "create_user",
    request_body = CreateUserRequest,
    responses(
        (
            status = 201,
            description = "The account; its password if the portal made it.",
            body = Envelope<WithPasswordView>,
            headers(("Cache-Control" = String, description = "Always `no-store`")),
        ),
        (status = 422, description = "A value is not accepted; a name that belongs to another account is named."),
    )
)]
#[post("/api/v1/admin/users")]
pub async fn create_user(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    body: Json<CreateUserRequest>,
) -> Result<Answer<WithPasswordView>, ApiError> {
    let body = body.into_inner();
    let (password, made) = match body.password {
        Some(chosen) => (chosen.into(), None),
        None => {
            let made = services.identity.generate_password();
            (made.clone(), Some(made))
        }
    };
    let command = CreateUser {
        first_name: fields::name("first_name", &body.first_name)?,
        last_name: fields::name("last_name", &body.last_name)?,
        identifiers: fields::identifiers([&body.matricule, &body.email, &body.phone])?,
        promotion_id: body.promotion_id,
        role: body.role.map_or(Role::User, Role::from),
        locale: body.locale.map_or(Locale::Fr, Locale::from),
        password,
        activate_wifi: body.activate_wifi,
    };
    fields::open_promotion(&services, command.promotion_id).await?;
    let user = services.identity.create_user_for(command, &keeper(&caller), &context.origin).await?;
    let view = WithPasswordView {
        user: shown(&services, user.id).await?,
        password: made.map(|password| password.expose_secret().to_owned()),
    };
    let answer = Answer::created(view, &format!("/api/v1/admin/users/{}", user.id));
    Ok(answer.with_header(header::CACHE_CONTROL, "no-store"))
}
