//! A session on a NAS, as a row. The reports that its meter keeps are JSON: `[life, age, at, up, down]` each, with the
//! moment in microseconds.

use chrono::DateTime;
use kernel::{Id, StoreError};
use radius::{
    meter::{Meter, Point},
    observation::Counters,
    session::{Row, Session},
};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::{number, radacct_observations::packets};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "radius_sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) unique_id: String,
    pub(super) generation: i32,
    pub(super) session_id: String,
    pub(super) class: Option<String>,
    pub(super) username: String,
    pub(super) subscriber_id: Option<Uuid>,
    pub(super) user_id: Option<Uuid>,
    pub(super) nas_address: String,
    pub(super) nas_port_id: Option<String>,
    pub(super) mac: Option<String>,
    pub(super) address: Option<String>,
    pub(super) started_at: DateTimeUtc,
    pub(super) last_seen_at: DateTimeUtc,
    pub(super) stopped_at: Option<DateTimeUtc>,
    pub(super) cause: Option<String>,
    pub(super) seconds: i64,
    pub(super) up: i64,
    pub(super) down: i64,
    pub(super) reports: Json,
    pub(super) reports_dropped: bool,
    pub(super) row_started_at: Option<DateTimeUtc>,
    pub(super) row_up: i64,
    pub(super) row_down: i64,
    pub(super) packets_up: Option<i64>,
    pub(super) packets_down: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What changes of a session that is known: everything but its names.
pub(super) const CHANGING: [Column; 20] = [
    Column::Class,
    Column::SubscriberId,
    Column::UserId,
    Column::NasPortId,
    Column::Mac,
    Column::Address,
    Column::StartedAt,
    Column::LastSeenAt,
    Column::StoppedAt,
    Column::Cause,
    Column::Seconds,
    Column::Up,
    Column::Down,
    Column::Reports,
    Column::ReportsDropped,
    Column::RowStartedAt,
    Column::RowUp,
    Column::RowDown,
    Column::PacketsUp,
    Column::PacketsDown,
];

type Report = (u32, u64, i64, u64, u64);

fn report(point: &Point) -> Report {
    let Point { life, age, at, counters } = *point;
    (life, age, at.timestamp_micros(), counters.up, counters.down)
}

fn point((life, age, at, up, down): Report) -> Result<Point, StoreError> {
    let at = DateTime::from_timestamp_micros(at).ok_or_else(|| StoreError::corrupt("a report's moment"))?;
    Ok(Point { life, age, at, counters: Counters { up, down } })
}

/// A number as the database keeps it: no larger than it can.
fn kept(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl TryFrom<&Session> for ActiveModel {
    type Error = StoreError;

    fn try_from(session: &Session) -> Result<Self, StoreError> {
        let reports: Vec<Report> = session.meter.points().iter().map(report).collect();
        Ok(Self {
            id: Set(session.id.as_uuid()),
            unique_id: Set(session.unique_id.clone()),
            generation: Set(number(session.generation)?),
            session_id: Set(session.session_id.clone()),
            class: Set(session.class.clone()),
            username: Set(session.username.clone()),
            subscriber_id: Set(session.subscriber_id.map(|id| id.as_uuid())),
            user_id: Set(session.user_id.map(|id| id.as_uuid())),
            nas_address: Set(session.nas_address.clone()),
            nas_port_id: Set(session.nas_port_id.clone()),
            mac: Set(session.mac.clone()),
            address: Set(session.address.map(|address| address.to_string())),
            started_at: Set(session.started_at),
            last_seen_at: Set(session.last_seen_at),
            stopped_at: Set(session.stopped_at),
            cause: Set(session.cause.clone()),
            seconds: Set(kept(session.seconds)),
            up: Set(kept(session.used.up)),
            down: Set(kept(session.used.down)),
            reports: Set(serde_json::to_value(reports).map_err(StoreError::corrupt)?),
            reports_dropped: Set(session.meter.dropped()),
            row_started_at: Set(session.row.started_at),
            row_up: Set(kept(session.row.counters.up)),
            row_down: Set(kept(session.row.counters.down)),
            packets_up: Set(session.packets.up.map(kept)),
            packets_down: Set(session.packets.down.map(kept)),
        })
    }
}

impl TryFrom<Model> for Session {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let reports: Vec<Report> = serde_json::from_value(row.reports).map_err(StoreError::corrupt)?;
        let points = reports.into_iter().map(point).collect::<Result<_, _>>()?;
        let address = row.address.as_deref().map(str::parse).transpose();
        Ok(Self {
            id: Id::from_uuid(row.id),
            unique_id: row.unique_id,
            generation: number(row.generation)?,
            session_id: row.session_id,
            class: row.class,
            username: row.username,
            subscriber_id: row.subscriber_id.map(Id::from_uuid),
            user_id: row.user_id.map(Id::from_uuid),
            nas_address: row.nas_address,
            nas_port_id: row.nas_port_id,
            mac: row.mac,
            address: address.map_err(StoreError::corrupt)?,
            started_at: row.started_at,
            last_seen_at: row.last_seen_at,
            stopped_at: row.stopped_at,
            cause: row.cause,
            seconds: number(row.seconds)?,
            used: Counters { up: number(row.up)?, down: number(row.down)? },
            packets: packets(row.packets_up, row.packets_down),
            meter: Meter::restore(points, row.reports_dropped),
            row: Row {
                started_at: row.row_started_at,
                counters: Counters { up: number(row.row_up)?, down: number(row.row_down)? },
            },
        })
    }
}
