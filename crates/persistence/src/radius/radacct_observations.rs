//! The queue of what was written into `radacct`, as a row. Its columns have FreeRADIUS's names.

use radius::observation::{Counters, Observation, Packets};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "radacct_observations")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(super) id: i64,
    pub(super) acctuniqueid: String,
    pub(super) acctsessionid: String,
    pub(super) class: Option<String>,
    pub(super) username: Option<String>,
    pub(super) nasipaddress: String,
    pub(super) nasportid: Option<String>,
    pub(super) callingstationid: Option<String>,
    pub(super) framedipaddress: Option<String>,
    pub(super) acctstarttime: Option<DateTimeUtc>,
    pub(super) acctupdatetime: Option<DateTimeUtc>,
    pub(super) acctstoptime: Option<DateTimeUtc>,
    pub(super) acctsessiontime: Option<i64>,
    pub(super) acctinputoctets: Option<i64>,
    pub(super) acctoutputoctets: Option<i64>,
    pub(super) acctinputpackets: Option<i64>,
    pub(super) acctoutputpackets: Option<i64>,
    pub(super) acctterminatecause: Option<String>,
    pub(super) observed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A number that a NAS has claimed; what is missing or less than zero is nothing.
fn count(claimed: Option<i64>) -> u64 {
    claimed.and_then(|claimed| u64::try_from(claimed).ok()).unwrap_or(0)
}

/// Packets as they are kept; what is missing or less than zero is not known.
pub(super) fn packets(up: Option<i64>, down: Option<i64>) -> Packets {
    let known = |claimed: Option<i64>| claimed.and_then(|claimed| u64::try_from(claimed).ok());
    Packets { up: known(up), down: known(down) }
}

impl From<Model> for Observation {
    fn from(row: Model) -> Self {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self {
            id: row.id,
            unique_id: row.acctuniqueid,
            session_id: row.acctsessionid,
            class: given(row.class),
            username: row.username.unwrap_or_default(),
            nas_address: row.nasipaddress,
            nas_port_id: given(row.nasportid),
            calling_station: given(row.callingstationid),
            // What is no address is none: a NAS may say what it likes.
            address: row.framedipaddress.and_then(|address| address.parse().ok()),
            started_at: row.acctstarttime,
            updated_at: row.acctupdatetime,
            stopped_at: row.acctstoptime,
            seconds: row.acctsessiontime.and_then(|seconds| u64::try_from(seconds).ok()),
            counters: Counters { up: count(row.acctinputoctets), down: count(row.acctoutputoctets) },
            packets: packets(row.acctinputpackets, row.acctoutputpackets),
            cause: given(row.acctterminatecause),
            observed_at: row.observed_at,
        }
    }
}
