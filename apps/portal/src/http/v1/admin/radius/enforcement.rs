//! What is wanted of open RADIUS sessions, and how it is enforced.

use chrono::{DateTime, Utc};
use kernel::id::ids::RadiusSessionId;
use radius::{
    enforcement::{Attempt, Outcome},
    use_cases::{self, EnforceSessionError},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    compose::Services,
    http::error::{ApiError, ApiErrorCode},
};

pub mod attempts;
pub mod terminate;

/// What is wanted of a session, and what was tried.
#[derive(Serialize, ToSchema)]
#[schema(as = Enforcement)]
pub struct EnforcementView {
    /// The session.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e92")]
    session_id: Uuid,
    /// Who signed in.
    #[schema(example = "amina")]
    username: String,
    /// When it ended, as accounting says; null while it is open.
    #[schema(example = "2026-01-17T12:00:31Z")]
    ended_at: Option<DateTime<Utc>>,
    /// `end` or `change`; null if nothing was ever wanted of it.
    #[schema(example = "end")]
    wish: Option<&'static str>,
    /// `staff`, `quota`, `disabled` or `profile`.
    #[schema(example = "staff")]
    reason: Option<String>,
    /// Since when.
    #[schema(example = "2026-01-17T12:00:00Z")]
    asked_at: Option<DateTime<Utc>>,
    /// `closed` by accounting, `removed` from the router, `acknowledged` other limits, or `alerted` a person; null while
    /// it is being enforced.
    #[schema(example = "closed")]
    settled: Option<&'static str>,
    /// When that was so.
    #[schema(example = "2026-01-17T12:00:31Z")]
    settled_at: Option<DateTime<Utc>>,
    /// What was tried, oldest first.
    attempts: Vec<AttemptView>,
}

/// One try to have a session ended or changed.
#[derive(Serialize, ToSchema)]
#[schema(as = EnforcementAttempt)]
pub struct AttemptView {
    /// The try.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e93")]
    id: Uuid,
    /// Which wish for the session it served, from 1.
    #[schema(example = 1)]
    revision: u32,
    /// Its place among the tries for that wish, from 1.
    #[schema(example = 1)]
    number: u32,
    /// `change` (CoA-Request), `disconnect` (Disconnect-Request), either with `_unnamed` (without the User-Name), or
    /// `router_api`.
    #[schema(example = "disconnect")]
    rung: &'static str,
    /// When it began.
    #[schema(example = "2026-01-17T12:00:00Z")]
    begun_at: DateTime<Utc>,
    /// When it ended; null while it is under way.
    #[schema(example = "2026-01-17T12:00:01Z")]
    ended_at: Option<DateTime<Utc>>,
    /// `ack`, `nak`, `silence`, `not_sent`, `removed` or `unknown` (the process died in it).
    #[schema(example = "nak")]
    outcome: Option<&'static str>,
    /// The NAS's Error-Cause (RFC 5176 section 3.5), such as 503, "session context not found".
    #[schema(example = 503)]
    error_cause: Option<u32>,
    /// Why nothing was sent.
    #[schema(example = json!(null))]
    reason: Option<String>,
    /// The packet's identifier, by which a trace at the NAS finds it.
    #[schema(example = 17)]
    packet_identifier: Option<u8>,
    /// How often the packet was sent.
    #[schema(example = 1)]
    transmissions: u8,
}

impl From<use_cases::EnforcementView> for EnforcementView {
    fn from(view: use_cases::EnforcementView) -> Self {
        let use_cases::EnforcementView { session, enforcement, attempts } = view;
        let wanted = enforcement.as_ref();
        let settled = wanted.and_then(|wanted| wanted.settled);
        Self {
            session_id: session.id.as_uuid(),
            username: session.username,
            ended_at: session.stopped_at,
            wish: wanted.map(|wanted| wanted.wish.as_str()),
            reason: wanted.map(|wanted| wanted.reason.clone()),
            asked_at: wanted.map(|wanted| wanted.asked_at),
            settled: settled.map(|(_, settled)| settled.as_str()),
            settled_at: settled.map(|(at, _)| at),
            attempts: attempts.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        let outcome = attempt.ended.as_ref().map(|(_, outcome)| outcome);
        Self {
            id: attempt.id.as_uuid(),
            revision: attempt.revision,
            number: attempt.number,
            rung: attempt.rung.as_str(),
            begun_at: attempt.begun_at,
            ended_at: attempt.ended.as_ref().map(|(at, _)| *at),
            outcome: outcome.map(Outcome::as_str),
            error_cause: outcome.and_then(Outcome::error_cause),
            reason: outcome.and_then(Outcome::reason).map(ToOwned::to_owned),
            packet_identifier: attempt.identifier,
            transmissions: attempt.transmissions,
        }
    }
}

/// What is wanted of a session as it is now.
async fn shown(services: &Services, id: RadiusSessionId) -> Result<EnforcementView, ApiError> {
    let view = services.radius.enforcement(id).await?;
    Ok(view.ok_or(ApiErrorCode::NotFound)?.into())
}

impl From<EnforceSessionError> for ApiError {
    fn from(error: EnforceSessionError) -> Self {
        match error {
            EnforceSessionError::NotFound => ApiErrorCode::NotFound.into(),
            EnforceSessionError::Over => ApiErrorCode::SessionOver.into(),
            EnforceSessionError::Store(error) => error.into(),
        }
    }
}
