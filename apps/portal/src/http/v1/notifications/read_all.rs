//! Having read everything.

use std::sync::Arc;

use actix_web::{post, web::Data};
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

/// How many notifications became read.
#[derive(Serialize, ToSchema)]
#[schema(as = MarkedRead)]
pub struct MarkedReadView {
    /// How many were unread before.
    #[schema(example = 3)]
    marked: u64,
}

/// Marks the caller's whole inbox as read.
#[utoipa::path(
    tag = "Notifications",
    responses((status = 200, description = "Nothing is unread any more.", body = Envelope<MarkedReadView>))
)]
#[post("/api/v1/notifications/read-all")]
pub async fn mark_all_notifications_read(
    services: Data<Arc<Services>>,
    caller: Caller,
) -> Result<Answer<MarkedReadView>, ApiError> {
    let marked = services.notifications.mark_all_read(caller.0.user_id).await?;
    Ok(Answer::ok(MarkedReadView { marked }))
}
