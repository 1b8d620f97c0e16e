//! The caller's sessions by RADIUS: which device was online where and when, and how much went through.

use chrono::{DateTime, Utc};
use radius::{queries::usage::SessionFilter, session};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

pub mod list;

/// Which sessions are wanted. Everything that is given must fit.
#[derive(Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct RadiusSessionQuery {
    /// Only those that are open, or only those that are over.
    #[param(example = true)]
    open: Option<bool>,
    /// Only those of this device, however its address is written.
    #[validate(length(min = 12, max = 17))]
    #[param(example = "02:00:5E:00:53:01", min_length = 12, max_length = 17)]
    mac: Option<String>,
    /// Only those that began at this moment or later.
    #[param(example = "2026-01-17T00:00:00Z")]
    from: Option<DateTime<Utc>>,
    /// Only those that began before this moment.
    #[param(example = "2026-01-18T00:00:00Z")]
    to: Option<DateTime<Utc>>,
}

impl From<RadiusSessionQuery> for SessionFilter {
    fn from(query: RadiusSessionQuery) -> Self {
        // What is no MAC is nobody's.
        let mac = query.mac.map(|text| radius::observation::mac(&text).unwrap_or(text));
        Self { open: query.open, mac, from: query.from, to: query.to, ..Self::default() }
    }
}

/// One device's time online.
#[derive(Serialize, ToSchema)]
#[schema(as = RadiusSession)]
pub struct RadiusSessionView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e92")]
    pub id: Uuid,
    /// What the router or access point calls it.
    #[schema(example = "80000001")]
    pub session_id: String,
    /// Who signed in.
    #[schema(example = "22/isc/017")]
    pub username: String,
    /// The device's address on the wire; null when it was not told.
    #[schema(example = "02:00:5E:00:53:01")]
    pub mac: Option<String>,
    /// The device's network address; null when it was not told.
    #[schema(example = "10.5.50.2")]
    pub address: Option<String>,
    /// Where the router or access point is.
    #[schema(example = "10.0.0.1")]
    pub nas_address: String,
    /// Its port.
    #[schema(example = "bridge-hotspot")]
    pub nas_port: Option<String>,
    /// When it began.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub started_at: DateTime<Utc>,
    /// When it was last heard of.
    #[schema(example = "2026-01-17T12:30:00Z")]
    pub last_seen_at: DateTime<Utc>,
    /// When it ended; null while it is open.
    #[schema(example = json!(null))]
    pub ended_at: Option<DateTime<Utc>>,
    /// How long it had lasted when it was last heard of, in seconds.
    #[schema(example = 1800)]
    pub duration_seconds: u64,
    /// Bytes from the device.
    #[schema(example = 1_048_576)]
    pub uploaded_bytes: u64,
    /// Bytes to the device.
    #[schema(example = 52_428_800)]
    pub downloaded_bytes: u64,
    /// Packets from the device, as last reported in 32 bits; null when they are not known.
    #[schema(example = 4_096)]
    pub packets_in: Option<u64>,
    /// Packets to the device, likewise.
    #[schema(example = 40_960)]
    pub packets_out: Option<u64>,
    /// Why it ended, in the words of RFC 2866; null while it is open.
    #[schema(example = json!(null))]
    pub terminate_cause: Option<String>,
    /// Whether it is open.
    pub status: RadiusSessionStatus,
}

/// Whether a session is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = "open")]
#[serde(rename_all = "snake_case")]
pub enum RadiusSessionStatus {
    /// The device is online.
    Open,
    /// It is over.
    Closed,
}

impl From<session::Session> for RadiusSessionView {
    fn from(session: session::Session) -> Self {
        Self {
            id: session.id.as_uuid(),
            session_id: session.session_id,
            username: session.username,
            mac: session.mac,
            address: session.address.map(|address| address.to_string()),
            nas_address: session.nas_address,
            nas_port: session.nas_port_id,
            started_at: session.started_at,
            last_seen_at: session.last_seen_at,
            ended_at: session.stopped_at,
            duration_seconds: session.seconds,
            uploaded_bytes: session.used.up,
            downloaded_bytes: session.used.down,
            packets_in: session.packets.up,
            packets_out: session.packets.down,
            terminate_cause: session.cause,
            status: match session.stopped_at {
                None => RadiusSessionStatus::Open,
                Some(_) => RadiusSessionStatus::Closed,
            },
        }
    }
}
