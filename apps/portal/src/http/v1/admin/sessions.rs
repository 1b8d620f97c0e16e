//! Everybody's sessions, and what staff do about open ones.

use chrono::{DateTime, Utc};
use hotspot::{queries, queries::sessions::SessionFilter, use_cases::CommandSessionError};
use kernel::{Id, id::ids::HotspotSessionId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::OwnerQuery;
use crate::{
    compose::Services,
    http::{
        error::{ApiError, ApiErrorCode},
        v1::sessions::{SessionQuery, SessionView},
    },
};

pub mod export;
pub mod list;
pub mod rate_limit;
pub mod terminate;

/// Where the sessions are, and whose, as staff ask for them.
#[derive(Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PlaceQuery {
    /// Only those on this router.
    #[param(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    router_id: Option<Uuid>,
    /// Only those with this text in their username, in capitals or not.
    #[validate(length(min = 1, max = 64))]
    #[param(example = "HS", min_length = 1, max_length = 64)]
    username: Option<String>,
}

fn filter(query: SessionQuery, place: PlaceQuery, owner: &OwnerQuery) -> SessionFilter {
    SessionFilter {
        owner: owner.owner(),
        router_id: place.router_id.map(Id::from_uuid),
        username: place.username,
        ..query.into()
    }
}

/// A session as staff see it.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminSession)]
pub struct AdminSessionView {
    /// What its owner sees.
    #[serde(flatten)]
    session: SessionView,
    /// The account that the credentials belong to; null when it has none, or nobody knows.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e92")]
    user_id: Option<Uuid>,
    /// The router.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    router_id: Uuid,
    /// The router's own name for it.
    #[schema(example = "*A053202")]
    router_session_id: String,
    /// When staff wanted it ended.
    #[schema(example = json!(null))]
    termination_asked_at: Option<DateTime<Utc>>,
    /// The live limit that staff want; null while there is none.
    rate_limit: Option<LiveLimitView>,
}

/// A limit on an open session.
#[derive(Serialize, ToSchema)]
#[schema(as = LiveLimit)]
pub struct LiveLimitView {
    /// From the device, in kilobits per second; null without limit.
    #[schema(example = 256)]
    upload_kbps: Option<u32>,
    /// To the device, in kilobits per second; null without limit.
    #[schema(example = 512)]
    download_kbps: Option<u32>,
    /// When the router took it; null while it is on its way.
    #[schema(example = "2026-01-17T12:00:01Z")]
    set_at: Option<DateTime<Utc>>,
}

impl From<queries::sessions::SessionView> for AdminSessionView {
    fn from(view: queries::sessions::SessionView) -> Self {
        let session = &view.session;
        Self {
            user_id: session.user_id.map(|id| id.as_uuid()),
            router_id: session.router_id.as_uuid(),
            router_session_id: session.router_session_id.clone(),
            termination_asked_at: session.termination_asked_at,
            rate_limit: session.limit.map(|limit| LiveLimitView {
                upload_kbps: limit.rates.upload_kbps,
                download_kbps: limit.rates.download_kbps,
                set_at: limit.set_at,
            }),
            session: view.into(),
        }
    }
}

/// A session as it is after a command.
async fn shown(services: &Services, id: HotspotSessionId) -> Result<AdminSessionView, ApiError> {
    let session = services.hotspot.find_session(id).await?;
    Ok(session.ok_or(ApiErrorCode::NotFound)?.into())
}

impl From<CommandSessionError> for ApiError {
    fn from(error: CommandSessionError) -> Self {
        match error {
            CommandSessionError::NotFound => ApiErrorCode::NotFound.into(),
            CommandSessionError::Over => ApiErrorCode::SessionOver.into(),
            CommandSessionError::ByRadius => ApiErrorCode::RouterIsRadius.into(),
            CommandSessionError::Store(error) => error.into(),
        }
    }
}
