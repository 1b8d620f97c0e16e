//! How much is unread.

use std::sync::Arc;

use actix_web::{get, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        policy::Caller,
    },
};

/// How much of an inbox is unread.
#[derive(Serialize, ToSchema)]
#[schema(as = UnreadCount)]
pub struct UnreadCountView {
    /// How many notifications are unread.
    #[schema(example = 3)]
    unread: u64,
}

/// Counts what is unread in the caller's inbox.
#[utoipa::path(
    tag = "Notifications",
    responses((status = 200, description = "The count.", body = Envelope<UnreadCountView>))
)]
#[get("/api/v1/notifications/unread-count")]
pub async fn count_unread_notifications(
    services: Data<Arc<Services>>,
    caller: Caller,
) -> Result<Answer<UnreadCountView>, ApiError> {
    let unread = services.notifications.unread_count(caller.0.user_id).await?;
    Ok(Answer::ok(UnreadCountView { unread }))
}
