//! Switching an account on.

use std::sync::Arc;

use actix_web::{post, web::Data};
use kernel::id::of;

use super::{AdminUserView, keeper, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::PathId,
        policy::{Caller, RequestContext},
    },
};

/// Switches an account on.
///
/// Its owner can sign in again; the Wi-Fi comes back if it was enabled. One that is on stays so.
#[utoipa::path(
    tag = "Administration",
    operation_id = "activate_user",
    params(("id" = uuid::Uuid, Path, description = "The account", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (status = 200, description = "The account, on.", body = Envelope<AdminUserView>),
        (status = 404, description = "`not_found`: there is no such account."),
    )
)]
#[post("/api/v1/admin/users/{id}/activate")]
pub async fn activate_user(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    id: PathId<of::User>,
) -> Result<Answer<AdminUserView>, ApiError> {
    services.identity.set_user_active(id.0, true, &keeper(&caller), &context.origin).await?;
    Ok(Answer::ok(shown(&services, id.0).await?))
}
