//! What is wanted of an open session, as a row.

use kernel::{Id, StoreError};
use radius::{
    enforcement::{Enforcement, Settled, Wish},
    ports::nas::{LiveLimits, LiveRates},
};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enforcements")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) session_id: Uuid,
    pub(super) wish: String,
    pub(super) changes_rates: bool,
    pub(super) upload_kbps: Option<i64>,
    pub(super) download_kbps: Option<i64>,
    pub(super) session_timeout_seconds: Option<i64>,
    pub(super) reason: String,
    pub(super) asked_at: DateTimeUtc,
    pub(super) revision: i32,
    pub(super) settled_at: Option<DateTimeUtc>,
    pub(super) settled: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Enforcement> for ActiveModel {
    fn from(enforcement: &Enforcement) -> Self {
        let LiveLimits { rates, session_timeout_seconds } = enforcement.wish.limits();
        let known = rates.unwrap_or_default();
        let (settled_at, settled) = enforcement.settled.unzip();
        Self {
            session_id: Set(enforcement.session_id.as_uuid()),
            wish: Set(enforcement.wish.as_str().to_owned()),
            changes_rates: Set(rates.is_some()),
            upload_kbps: Set(known.upload_kbps.map(Into::into)),
            download_kbps: Set(known.download_kbps.map(Into::into)),
            session_timeout_seconds: Set(session_timeout_seconds.map(Into::into)),
            reason: Set(enforcement.reason.clone()),
            asked_at: Set(enforcement.asked_at),
            revision: Set(i32::try_from(enforcement.revision).unwrap_or(i32::MAX)),
            settled_at: Set(settled_at),
            settled: Set(settled.map(|settled: Settled| settled.as_str().to_owned())),
        }
    }
}

impl TryFrom<Model> for Enforcement {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let number = |stored: Option<i64>| stored.map(u32::try_from).transpose().map_err(StoreError::corrupt);
        let rates =
            LiveRates { upload_kbps: number(row.upload_kbps)?, download_kbps: number(row.download_kbps)? };
        let limits = LiveLimits {
            rates: row.changes_rates.then_some(rates),
            session_timeout_seconds: number(row.session_timeout_seconds)?,
        };
        let wish = match row.wish.as_str() {
            "end" => Wish::End,
            "change" => Wish::Change(limits),
            other => return Err(StoreError::corrupt(other)),
        };
        let settled = row.settled.map(|word| Settled::parse(&word).ok_or_else(|| StoreError::corrupt(word)));
        Ok(Self {
            session_id: Id::from_uuid(row.session_id),
            wish,
            reason: row.reason,
            asked_at: row.asked_at,
            revision: u32::try_from(row.revision).map_err(StoreError::corrupt)?,
            settled: row.settled_at.zip(settled.transpose()?),
        })
    }
}
