//! The caller's sessions: who was online with their credentials, when, and how much went through.

use chrono::{DateTime, Utc};
use hotspot::{queries, session};
use kernel::Id;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

pub mod list;

/// Which sessions are wanted. Everything that is given must fit.
#[derive(Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct SessionQuery {
    /// Only those that are open, or only those that are over.
    #[param(example = true)]
    open: Option<bool>,
    /// Only those of these credentials.
    #[param(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    hotspot_user_id: Option<Uuid>,
    /// Only those of this device.
    #[param(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e91")]
    device_id: Option<Uuid>,
    /// Only those that began at this moment or later.
    #[param(example = "2026-01-17T00:00:00Z")]
    from: Option<DateTime<Utc>>,
    /// Only those that began before this moment.
    #[param(example = "2026-01-18T00:00:00Z")]
    to: Option<DateTime<Utc>>,
}

impl From<SessionQuery> for queries::sessions::SessionFilter {
    fn from(query: SessionQuery) -> Self {
        Self {
            hotspot_user_id: query.hotspot_user_id.map(Id::from_uuid),
            device_id: query.device_id.map(Id::from_uuid),
            open: query.open,
            from: query.from,
            to: query.to,
            ..Self::default()
        }
    }
}

/// One device's time online.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e92")]
    pub id: Uuid,
    /// Who signed in.
    #[schema(example = "HS260117120000101")]
    pub username: String,
    /// The credentials; null when the portal did not make them.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    pub hotspot_user_id: Option<Uuid>,
    /// The device, among its owner's; null when the owner has no account, or has forgotten it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e91")]
    pub device_id: Option<Uuid>,
    /// The device's address on the wire.
    #[schema(example = "02:00:5E:00:53:01")]
    pub mac: String,
    /// The device's network address.
    #[schema(example = "10.5.50.2")]
    pub address: String,
    /// The name of the router.
    #[schema(example = "main")]
    pub router: String,
    /// When it began.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub started_at: DateTime<Utc>,
    /// When it was last found open.
    #[schema(example = "2026-01-17T12:30:00Z")]
    pub last_seen_at: DateTime<Utc>,
    /// When it was found to be over; null while it is open.
    #[schema(example = json!(null))]
    pub closed_at: Option<DateTime<Utc>>,
    /// Why it is over; null while it is open.
    pub ending: Option<SessionEndingWord>,
    /// How long it had been open when it was last seen, in seconds.
    #[schema(example = 1800)]
    pub duration_seconds: u64,
    /// Bytes from the device.
    #[schema(example = 1_048_576)]
    pub uploaded_bytes: u64,
    /// Bytes to the device.
    #[schema(example = 52_428_800)]
    pub downloaded_bytes: u64,
}

impl From<queries::sessions::SessionView> for SessionView {
    fn from(view: queries::sessions::SessionView) -> Self {
        let session = view.session;
        Self {
            id: session.id.as_uuid(),
            username: session.username,
            hotspot_user_id: session.hotspot_user_id.map(|id| id.as_uuid()),
            device_id: session.device_id.map(|id| id.as_uuid()),
            mac: session.mac,
            address: session.address.to_string(),
            router: view.router_name,
            started_at: session.started_at,
            last_seen_at: session.last_seen_at,
            closed_at: session.closed_at,
            ending: session.ending.map(Into::into),
            duration_seconds: session.uptime_seconds,
            uploaded_bytes: session.traffic.uploaded(),
            downloaded_bytes: session.traffic.downloaded(),
        }
    }
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SessionEnding, example = "gone")]
#[serde(rename_all = "snake_case")]
pub enum SessionEndingWord {
    /// Signed out, out of reach, timed out, or the router was restarted.
    Gone,
    /// Staff ended it.
    Terminated,
    /// The credentials are over.
    CredentialsOver,
    /// Its device is deactivated.
    DeviceBlocked,
}

impl From<session::SessionEnding> for SessionEndingWord {
    fn from(ending: session::SessionEnding) -> Self {
        use session::SessionEnding as Ending;
        match ending {
            Ending::Gone => Self::Gone,
            Ending::Terminated => Self::Terminated,
            Ending::CredentialsOver => Self::CredentialsOver,
            Ending::DeviceBlocked => Self::DeviceBlocked,
        }
    }
}

/// What went through all sessions of a set of credentials.
#[derive(Serialize, ToSchema)]
#[schema(as = Usage)]
pub struct UsageView {
    /// How many sessions there were.
    #[schema(example = 3)]
    sessions: u64,
    /// How long they were open together, in seconds.
    #[schema(example = 5400)]
    seconds: u64,
    /// Bytes from the devices.
    #[schema(example = 1_048_576)]
    uploaded_bytes: u64,
    /// Bytes to the devices.
    #[schema(example = 52_428_800)]
    downloaded_bytes: u64,
}

impl From<queries::sessions::Usage> for UsageView {
    fn from(usage: queries::sessions::Usage) -> Self {
        Self {
            sessions: usage.sessions,
            seconds: usage.seconds,
            uploaded_bytes: usage.uploaded_bytes,
            downloaded_bytes: usage.downloaded_bytes,
        }
    }
}
