//! Users on routers that the portal did not make.

use chrono::{DateTime, Utc};
use hotspot::{
    queries::router_users::{UnknownRouterUserView, UnknownUserFilter},
    router_user::UnknownStatus,
    use_cases::DecideRouterUserError,
};
use kernel::{Id, id::ids::UnknownRouterUserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::{
    compose::Services,
    http::error::{ApiError, ApiErrorCode},
};

pub mod adopt;
pub mod ignore;
pub mod list;

/// Which of them are wanted. Everything that is given must fit.
#[derive(Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct RouterUserQuery {
    /// Only those about whom this was decided.
    #[param(inline)]
    status: Option<RouterUserStatus>,
    /// Only those on this router.
    #[param(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    router_id: Option<Uuid>,
}

impl From<RouterUserQuery> for UnknownUserFilter {
    fn from(query: RouterUserQuery) -> Self {
        Self { status: query.status.map(Into::into), router_id: query.router_id.map(Id::from_uuid) }
    }
}

/// A user on a router that the portal did not make.
#[derive(Serialize, ToSchema)]
#[schema(as = RouterUser)]
pub struct RouterUserView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e96")]
    id: Uuid,
    /// The router.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    router_id: Uuid,
    /// The router's name.
    #[schema(example = "main")]
    router: String,
    /// Its name there.
    #[schema(example = "reception")]
    username: String,
    /// Its comment there.
    #[schema(example = "front desk tablet")]
    comment: String,
    /// What was decided about it.
    status: RouterUserStatus,
    /// The account that it was adopted for.
    #[schema(example = json!(null))]
    user_id: Option<Uuid>,
    /// When it was first found.
    #[schema(example = "2026-01-17T12:00:00Z")]
    first_seen_at: DateTime<Utc>,
    /// When it was last found.
    #[schema(example = "2026-01-17T12:10:00Z")]
    last_seen_at: DateTime<Utc>,
}

impl From<UnknownRouterUserView> for RouterUserView {
    fn from(view: UnknownRouterUserView) -> Self {
        let user = view.user;
        Self {
            id: user.id.as_uuid(),
            router_id: user.router_id.as_uuid(),
            router: view.router_name,
            username: user.username,
            comment: user.comment,
            status: user.status.into(),
            user_id: user.user_id.map(|id| id.as_uuid()),
            first_seen_at: user.first_seen_at,
            last_seen_at: user.last_seen_at,
        }
    }
}

/// What was decided about a user that the portal did not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = "new")]
#[serde(rename_all = "snake_case")]
pub enum RouterUserStatus {
    /// Nothing yet.
    New,
    /// It belongs to an account: its sessions are shown there.
    Adopted,
    /// It is none of ours.
    Ignored,
}

impl From<UnknownStatus> for RouterUserStatus {
    fn from(status: UnknownStatus) -> Self {
        match status {
            UnknownStatus::New => Self::New,
            UnknownStatus::Adopted => Self::Adopted,
            UnknownStatus::Ignored => Self::Ignored,
        }
    }
}

impl From<RouterUserStatus> for UnknownStatus {
    fn from(status: RouterUserStatus) -> Self {
        match status {
            RouterUserStatus::New => Self::New,
            RouterUserStatus::Adopted => Self::Adopted,
            RouterUserStatus::Ignored => Self::Ignored,
        }
    }
}

/// One of them, as it is after a command.
async fn shown(services: &Services, id: UnknownRouterUserId) -> Result<RouterUserView, ApiError> {
    let user = services.hotspot.find_unknown_user(id).await?;
    Ok(user.ok_or(ApiErrorCode::NotFound)?.into())
}

impl From<DecideRouterUserError> for ApiError {
    fn from(error: DecideRouterUserError) -> Self {
        match error {
            DecideRouterUserError::NotFound => ApiErrorCode::NotFound.into(),
            DecideRouterUserError::Store(error) => error.into(),
        }
    }
}
