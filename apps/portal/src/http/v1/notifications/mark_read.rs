//! Having read one notification.

use std::sync::Arc;

use actix_web::{post, web::Data};
use kernel::id::of;
use notifications::use_cases::mark_read::{MarkRead, MarkReadError};

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

/// Marks a notification as read.
///
/// One that has been read before keeps its first moment.
#[utoipa::path(
    tag = "Notifications",
    params(("id" = uuid::Uuid, Path, description = "The notification", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (status = 200, description = "The notification, read.", body = Envelope<NotificationView>),
        (status = 404, description = "`not_found`: the caller's inbox has no such notification."),
    )
)]
#[post("/api/v1/notifications/{id}/read")]
pub async fn mark_notification_read(
    services: Data<Arc<Services>>,
    caller: Caller,
    id: PathId<of::Notification>,
) -> Result<Answer<NotificationView>, ApiError> {
    let command = MarkRead { user_id: caller.0.user_id, notification_id: id.0 };
    Ok(Answer::ok(services.notifications.mark_read(command).await?.into()))
}

impl From<MarkReadError> for ApiError {
    fn from(error: MarkReadError) -> Self {
        match error {
            MarkReadError::NotFound => ApiErrorCode::NotFound.into(),
            MarkReadError::Store(error) => error.into(),
        }
    }
}
