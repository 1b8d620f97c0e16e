//! Changing an account.

use std::sync::Arc;

use actix_web::{patch, web::Data};
use identity::user_changes::UserChanges;
use kernel::id::of;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{AdminUserView, keeper, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, FieldProblem},
        input::{Json, PathId},
        policy::{Caller, RequestContext},
        v1::{
            account_fields as fields,
            me::{LocaleWord, RoleWord},
        },
    },
};

/// What is to change. What is not given stays; an empty text takes a value away.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateUserRequest {
    /// The revision that the change is meant for; at another one, it is refused.
    #[serde(default)]
    #[validate(range(min = 1))]
    #[schema(example = 1, minimum = 1)]
    revision: Option<i64>,
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
    /// The student or staff number. An address that was made from it changes with it.
    #[serde(default)]
    #[validate(length(max = 64))]
    #[schema(example = "2024-ISC-0017", max_length = 64)]
    matricule: Option<String>,
    /// The email address.
    #[serde(default)]
    #[validate(length(max = 254))]
    #[schema(example = "elodie@example.org", max_length = 254)]
    email: Option<String>,
    /// The phone number.
    #[serde(default)]
    #[validate(length(max = 32))]
    #[schema(example = "+243812345678", max_length = 32)]
    phone: Option<String>,
    /// The promotion, one that is open; an empty text takes the account out of its own.
    #[serde(default)]
    #[validate(length(max = 36))]
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94", max_length = 36)]
    promotion_id: Option<String>,
    /// What kind of account it is. Only admins give and take the roles of staff, and nobody their own.
    #[serde(default)]
    role: Option<RoleWord>,
    /// The language for messages.
    #[serde(default)]
    locale: Option<LocaleWord>,
}

/// Changes an account.
#[utoipa::path(
    tag = "Administration",
    operation_id = "update_user",
    request_body = UpdateUserRequest,
    params(("id" = uuid::Uuid, Path, description = "The account", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (status = 200, description = "The account, changed.", body = Envelope<AdminUserView>),
        (status = 404, description = "`not_found`: there is no such account."),
        (status = 409, description = "`user_changed`: it is at another revision. `own_account`, `last_admin`: the role must stay."),
        (status = 422, description = "A value is not accepted; a name that belongs to another account is named."),
    )
)]
#[patch("/api/v1/admin/users/{id}")]
pub async fn update_user(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    id: PathId<of::User>,
    body: Json<UpdateUserRequest>,
) -> Result<Answer<AdminUserView>, ApiError> {
    let body = body.into_inner();
    let changes = UserChanges {
        first_name: body.first_name.map(|name| fields::name("first_name", &name)).transpose()?,
        last_name: body.last_name.map(|name| fields::name("last_name", &name)).transpose()?,
        matricule: fields::changed(body.matricule.as_ref(), fields::matricule)?,
        email: fields::changed(body.email.as_ref(), fields::email)?,
        phone: fields::changed(body.phone.as_ref(), fields::phone)?,
        promotion_id: fields::changed(body.promotion_id.as_ref(), |text| {
            Uuid::parse_str(text.trim()).map_err(|_| ApiError::field("promotion_id", FieldProblem::NotUuid))
        })?,
        role: body.role.map(Into::into),
        locale: body.locale.map(Into::into),
    };
    fields::open_promotion(&services, changes.promotion_id.flatten()).await?;
    let target = (id.0, body.revision);
    services.identity.change_user(target, changes, &keeper(&caller), &context.origin).await?;
    Ok(Answer::ok(shown(&services, id.0).await?))
}
