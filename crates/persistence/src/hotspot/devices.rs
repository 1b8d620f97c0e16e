//! A device, as a row.

use hotspot::device::{Device, DeviceClass};
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "devices")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) mac: String,
    pub(super) class: String,
    pub(super) name: Option<String>,
    pub(super) active: bool,
    pub(super) first_seen_at: DateTimeUtc,
    pub(super) last_seen_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Device> for ActiveModel {
    fn from(device: &Device) -> Self {
        Self {
            id: Set(device.id.as_uuid()),
            user_id: Set(device.user_id.as_uuid()),
            mac: Set(device.mac.clone()),
            class: Set(device.class.as_str().to_owned()),
            name: Set(device.name.clone()),
            active: Set(device.active),
            first_seen_at: Set(device.first_seen_at),
            last_seen_at: Set(device.last_seen_at),
        }
    }
}

impl TryFrom<Model> for Device {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            user_id: Id::from_uuid(row.user_id),
            mac: row.mac,
            class: DeviceClass::parse(&row.class).ok_or_else(|| StoreError::corrupt(&row.class))?,
            name: row.name,
            active: row.active,
            first_seen_at: row.first_seen_at,
            last_seen_at: row.last_seen_at,
        })
    }
}
