//! A new password for somebody who has lost theirs.

use std::sync::Arc;

use actix_web::{http::header, post, web::Data};
use kernel::id::of;
use secrecy::ExposeSecret as _;

use super::{WithPasswordView, keeper, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::PathId,
        policy::{Caller, RequestContext},
    },
};

/// Gives an account a new password.
///
/// Its owner is told by SMS and email, as far as they can be reached; staff see it this once, for those who stand at the
/// desk. Every session of the account ends, a lock of its names is lifted, and the secret for the Wi-Fi changes with the
/// password unless its owner keeps the two apart.
#[utoipa::path(
    tag = "Administration",
    operation_id = "reset_user_password",
    params(("id" = uuid::Uuid, Path, description = "The account", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (
            status = 200,
            description = "The account and its new password.",
            body = Envelope<WithPasswordView>,
            headers(("Cache-Control" = String, description = "Always `no-store`")),
        ),
        (status = 404, description = "`not_found`: there is no such account."),
        (status = 409, description = "`own_account`: one's own password is changed at `/me/password`."),
    )
)]
#[post("/api/v1/admin/users/{id}/reset-password")]
pub async fn reset_user_password(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    id: PathId<of::User>,
) -> Result<Answer<WithPasswordView>, ApiError> {
    let (_, password) = services.identity.reset_password(id.0, &keeper(&caller), &context.origin).await?;
    let user = shown(&services, id.0).await?;
    let view = WithPasswordView { user, password: Some(password.expose_secret().to_owned()) };
    Ok(Answer::ok(view).with_header(header::CACHE_CONTROL, "no-store"))
}
