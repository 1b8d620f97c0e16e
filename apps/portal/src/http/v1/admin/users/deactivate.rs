//! Switching an account off.

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

/// Switches an account off.
///
/// Its sessions end at once, it cannot sign in, and it has no Wi-Fi. One that is off stays so.
#[utoipa::path(
    tag = "Administration",
    operation_id = "deactivate_user",
    params(("id" = uuid::Uuid, Path, description = "The account", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (status = 200, description = "The account, off.", body = Envelope<AdminUserView>),
        (status = 404, description = "`not_found`: there is no such account."),
        (status = 409, description = "`own_account`: nobody locks themselves out. `last_admin`: there would be no admin."),
    )
)]
#[post("/api/v1/admin/users/{id}/deactivate")]
pub async fn deactivate_user(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    id: PathId<of::User>,
) -> Result<Answer<AdminUserView>, ApiError> {
    services.identity.set_user_active(id.0, false, &keeper(&caller), &context.origin).await?;
    Ok(Answer::ok(shown(&services, id.0).await?))
}
