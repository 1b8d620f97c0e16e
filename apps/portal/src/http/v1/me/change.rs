//! Changing one's own account.

use std::sync::Arc;

use actix_web::{patch, web::Data};
use identity::user_changes::UserChanges;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{LocaleWord, UserView, user_view};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::Json,
        policy::{Caller, RequestContext},
        v1::account_fields as fields,
    },
};

/// What is to change. What is not given stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMeRequest {
    /// The given name.
    #[serde(default)]
    #[validate(length(min = 1, max = 100))]
    #[schema(example = "Élodie", min_length = 1, max_length = 100)]
    first_name: Option<String>,
    /// The family name.
    #[serde(default)]
    #[validate(length(min = 1, max = 100))]
    #[schema(example = "Mbuyi", min_length = 1, max_length = 100)]
    last_name: Option<String>,
    /// The email address; an empty text takes it away.
    #[serde(default)]
    #[validate(length(max = 254))]
    #[schema(example = "elodie@example.org", max_length = 254)]
    email: Option<String>,
    /// The phone number; an empty text takes it away.
    #[serde(default)]
    #[validate(length(max = 32))]
    #[schema(example = "+243812345678", max_length = 32)]
    phone: Option<String>,
    /// The language for messages.
    #[serde(default)]
    locale: Option<LocaleWord>,
}

/// Changes the caller's own account.
///
/// The matricule and the promotion are for staff to change. One name to sign in with must be left.
#[utoipa::path(
    tag = "Account",
    request_body = ChangeMeRequest,
    responses(
        (status = 200, description = "The account, changed.", body = Envelope<UserView>),
        (status = 422, description = "A value is not accepted; a name that belongs to another account is named."),
    )
)]
#[patch("/api/v1/me")]
pub async fn change_me(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    body: Json<ChangeMeRequest>,
) -> Result<Answer<UserView>, ApiError> {
    let body = body.into_inner();
    let changes = UserChanges {
        first_name: body.first_name.map(|name| fields::name("first_name", &name)).transpose()?,
        last_name: body.last_name.map(|name| fields::name("last_name", &name)).transpose()?,
        email: fields::changed(body.email.as_ref(), fields::email)?,
        phone: fields::changed(body.phone.as_ref(), fields::phone)?,
        locale: body.locale.map(Into::into),
        ..UserChanges::default()
    };
    let user = services.identity.change_own_account(caller.0.user_id, changes, &context.origin).await?;
    Ok(Answer::ok(user_view(&services, user.id).await?))
}
