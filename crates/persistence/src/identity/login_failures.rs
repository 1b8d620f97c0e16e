//! The login failures of one key, as a row.

use identity::login_lock::{FailureHistory, LockKey, LoginLock};
use kernel::{Id, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "login_failures")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) key: String,
    /// The moments of the failures that count towards the next lock, as a JSON array.
    pub(super) recent: Json,
    pub(super) locks: i32,
    pub(super) last_failure_at: Option<DateTimeUtc>,
    pub(super) locked_until: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The moments of failures as they are stored.
pub(super) fn recent_to_json(recent: &[Timestamp]) -> Result<Json, StoreError> {
    serde_json::to_value(recent).map_err(StoreError::corrupt)
}

impl TryFrom<Model> for FailureHistory {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            recent: serde_json::from_value(row.recent).map_err(StoreError::corrupt)?,
            locks: u16::try_from(row.locks).map_err(StoreError::corrupt)?,
            last_failure_at: row.last_failure_at,
            locked_until: row.locked_until,
        })
    }
}

impl TryFrom<Model> for LoginLock {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            key: LockKey::from_stored(row.key.clone()),
            history: row.try_into()?,
        })
    }
}
