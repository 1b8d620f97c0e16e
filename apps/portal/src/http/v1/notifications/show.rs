//! One notification.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use super::NotificationView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
        policy::Caller,
    },
};

/// Shows one notification of the caller's inbox.
///
/// Seeing it does not mark it as read.
#[utoipa::path(
    tag = "Notifications",
    params(("id" = uuid::Uuid, Path, description = "The notification", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (status = 200, description = "The notification.", body = Envelope<NotificationView>),
        (status = 404, description = "`not_found`: the caller's inbox has no such notification."),
    )
)]
#[get("/api/v1/notifications/{id}")]
pub async fn show_notification(
    services: Data<Arc<Services>>,
    caller: Caller,
    id: PathId<of::Notification>,
) -> Result<Answer<NotificationView>, ApiError> {
    let entry = services.notifications.inbox_entry(caller.0.user_id, id.0).await?;
    Ok(Answer::ok(entry.ok_or(ApiErrorCode::NotFound)?.into()))
}
