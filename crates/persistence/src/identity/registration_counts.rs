//! The tries of one address to register, as a row.

use identity::{login_lock::LockKey, registration_count::RegistrationHistory};
use kernel::{StoreError, Timestamp};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "registration_counts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) key: String,
    /// Their moments, as a JSON array.
    pub(super) recent: Json,
    pub(super) last_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The row of an address that has made none.
pub(super) fn empty(key: &LockKey, now: Timestamp) -> ActiveModel {
    ActiveModel { key: Set(key.to_string()), recent: Set(Json::Array(Vec::new())), last_at: Set(now) }
}

impl TryFrom<Model> for RegistrationHistory {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self { recent: serde_json::from_value(row.recent).map_err(StoreError::corrupt)? })
    }
}
