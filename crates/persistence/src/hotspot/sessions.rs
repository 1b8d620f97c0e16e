//! A session on a router, as a row.

use hotspot::{
    ports::RateLimit,
    session::{LiveLimit, Session, SessionEnding, Traffic},
};
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) router_id: Uuid,
    pub(super) router_session_id: String,
    pub(super) username: String,
    pub(super) hotspot_user_id: Option<Uuid>,
    pub(super) user_id: Option<Uuid>,
    pub(super) device_id: Option<Uuid>,
    pub(super) mac: String,
    pub(super) address: String,
    pub(super) started_at: DateTimeUtc,
    pub(super) last_seen_at: DateTimeUtc,
    pub(super) closed_at: Option<DateTimeUtc>,
    pub(super) ending: Option<String>,
    pub(super) uptime_seconds: i64,
    pub(super) banked_up: i64,
    pub(super) banked_down: i64,
    pub(super) seen_up: i64,
    pub(super) seen_down: i64,
    pub(super) termination_asked_at: Option<DateTimeUtc>,
    /// Whether staff want a limit; it may be one without rates.
    pub(super) limited: bool,
    pub(super) limit_up_kbps: Option<i64>,
    pub(super) limit_down_kbps: Option<i64>,
    pub(super) limited_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::routers::Entity",
        from = "Column::RouterId",
        to = "super::routers::Column::Id"
    )]
    Router,
}

impl Related<super::routers::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Router.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// What a look at the router writes of a session that is known: everything but whose it was found to be on which
/// router, and what staff want of it.
pub(super) const SEEN: [Column; 13] = [
    Column::HotspotUserId,
    Column::UserId,
    Column::DeviceId,
    Column::Address,
    Column::LastSeenAt,
    Column::ClosedAt,
    Column::Ending,
    Column::UptimeSeconds,
    Column::BankedUp,
    Column::BankedDown,
    Column::SeenUp,
    Column::SeenDown,
    Column::StartedAt,
];

/// The largest count that is kept, 10^15: more than any session passes, and so little that the sums over thousands of
/// sessions fit into 64 bits, whatever a router claims.
const MOST: i64 = 1_000_000_000_000_000;

/// A count as the database keeps it.
fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(MOST).min(MOST)
}

fn count(stored: i64) -> Result<u64, StoreError> {
    u64::try_from(stored).map_err(StoreError::corrupt)
}

fn rate(stored: Option<i64>) -> Result<Option<u32>, StoreError> {
    stored.map(|rate| u32::try_from(rate).map_err(StoreError::corrupt)).transpose()
}

impl From<&Session> for ActiveModel {
    fn from(session: &Session) -> Self {
        let limit = session.limit.as_ref();
        Self {
            id: Set(session.id.as_uuid()),
            router_id: Set(session.router_id.as_uuid()),
            router_session_id: Set(session.router_session_id.clone()),
            username: Set(session.username.clone()),
            hotspot_user_id: Set(session.hotspot_user_id.map(|id| id.as_uuid())),
            user_id: Set(session.user_id.map(|id| id.as_uuid())),
            device_id: Set(session.device_id.map(|id| id.as_uuid())),
            mac: Set(session.mac.clone()),
            address: Set(session.address.to_string()),
            started_at: Set(session.started_at),
            last_seen_at: Set(session.last_seen_at),
            closed_at: Set(session.closed_at),
            ending: Set(session.ending.map(|ending| ending.as_str().to_owned())),
            uptime_seconds: Set(stored(session.uptime_seconds)),
            banked_up: Set(stored(session.traffic.banked_up)),
            banked_down: Set(stored(session.traffic.banked_down)),
            seen_up: Set(stored(session.traffic.seen_up)),
            seen_down: Set(stored(session.traffic.seen_down)),
            termination_asked_at: Set(session.termination_asked_at),
            limited: Set(limit.is_some()),
            limit_up_kbps: Set(limit.and_then(|limit| limit.rates.upload_kbps).map(Into::into)),
            limit_down_kbps: Set(limit.and_then(|limit| limit.rates.download_kbps).map(Into::into)),
            limited_at: Set(limit.and_then(|limit| limit.set_at)),
        }
    }
}

impl TryFrom<Model> for Session {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let ending = row.ending.as_deref();
        let ending = ending.map(|text| SessionEnding::parse(text).ok_or_else(|| StoreError::corrupt(text)));
        let rates =
            RateLimit { upload_kbps: rate(row.limit_up_kbps)?, download_kbps: rate(row.limit_down_kbps)? };
        Ok(Self {
            id: Id::from_uuid(row.id),
            router_id: Id::from_uuid(row.router_id),
            router_session_id: row.router_session_id,
            username: row.username,
            hotspot_user_id: row.hotspot_user_id.map(Id::from_uuid),
            user_id: row.user_id.map(Id::from_uuid),
            device_id: row.device_id.map(Id::from_uuid),
            mac: row.mac,
            address: row.address.parse().map_err(StoreError::corrupt)?,
            started_at: row.started_at,
            last_seen_at: row.last_seen_at,
            closed_at: row.closed_at,
            ending: ending.transpose()?,
            uptime_seconds: count(row.uptime_seconds)?,
            traffic: Traffic {
                banked_up: count(row.banked_up)?,
                banked_down: count(row.banked_down)?,
                seen_up: count(row.seen_up)?,
                seen_down: count(row.seen_down)?,
            },
            termination_asked_at: row.termination_asked_at,
            limit: row.limited.then_some(LiveLimit { rates, set_at: row.limited_at }),
        })
    }
}
