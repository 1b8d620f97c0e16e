//! The units that orders owe, as rows.

use billing::{Unit, UnitStatus};
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provisioning_units")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) order_id: Uuid,
    pub(super) number: i32,
    pub(super) status: String,
    pub(super) failure: Option<String>,
    pub(super) activated_at: Option<DateTimeUtc>,
    pub(super) credentials_sent_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<&Unit> for ActiveModel {
    type Error = StoreError;

    fn try_from(unit: &Unit) -> Result<Self, StoreError> {
        Ok(Self {
            id: Set(unit.id.as_uuid()),
            order_id: Set(unit.order_id.as_uuid()),
            number: Set(i32::try_from(unit.number).map_err(StoreError::corrupt)?),
            status: Set(unit.status.as_str().to_owned()),
            failure: Set(unit.failure.clone()),
            activated_at: Set(unit.activated_at),
            credentials_sent_at: Set(unit.credentials_sent_at),
        })
    }
}

impl TryFrom<Model> for Unit {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            order_id: Id::from_uuid(row.order_id),
            number: u32::try_from(row.number).map_err(StoreError::corrupt)?,
            status: UnitStatus::parse(&row.status).ok_or_else(|| StoreError::corrupt(&row.status))?,
            failure: row.failure,
            activated_at: row.activated_at,
            credentials_sent_at: row.credentials_sent_at,
        })
    }
}
