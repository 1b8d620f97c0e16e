//! How a router was found last, as a row.

use hotspot::ports::{BreakerState, RouterHealth};
use kernel::StoreError;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "router_health")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) router_id: Uuid,
    pub(super) checked_at: DateTimeUtc,
    pub(super) last_seen_at: Option<DateTimeUtc>,
    pub(super) last_error_at: Option<DateTimeUtc>,
    pub(super) last_error: Option<String>,
    pub(super) failures: i32,
    pub(super) breaker: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for RouterHealth {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            last_seen_at: row.last_seen_at,
            last_error: row.last_error_at.zip(row.last_error),
            failures: row.failures.try_into().map_err(StoreError::corrupt)?,
            breaker: BreakerState::parse(&row.breaker).ok_or_else(|| StoreError::corrupt(&row.breaker))?,
        })
    }
}
