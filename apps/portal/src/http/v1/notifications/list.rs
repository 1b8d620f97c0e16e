//! The inbox.

use std::sync::Arc;

use actix_web::{get, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::NotificationView;
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
        policy::Caller,
    },
};

/// Which notifications are wanted.
#[derive(Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct InboxQuery {
    /// Only what has not been read.
    #[param(default = false, example = true)]
    unread: Option<bool>,
}

/// Lists the caller's inbox, the newest first.
#[utoipa::path(
    tag = "Notifications",
    params(PageQuery, InboxQuery),
    responses((status = 200, description = "The inbox.", body = ListEnvelope<NotificationView>))
)]
#[get("/api/v1/notifications")]
pub async fn list_notifications(
    services: Data<Arc<Services>>,
    caller: Caller,
    page: Query<PageQuery>,
    filter: Query<InboxQuery>,
) -> Result<ListAnswer<NotificationView>, ApiError> {
    let unread_only = filter.0.unread.unwrap_or(false);
    let inbox = services.notifications.inbox(caller.0.user_id, unread_only, page.0.request()).await?;
    Ok(ListAnswer::of(inbox.map(NotificationView::from)))
}
