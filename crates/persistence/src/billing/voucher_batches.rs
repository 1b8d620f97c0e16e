//! Batches of vouchers, as rows.

use billing::{
    site::Place,
    voucher::{BatchStatus, VoucherBatch},
};
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::words::{currency, from_json, money, to_json};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "voucher_batches")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) package_id: Uuid,
    pub(super) package: Json,
    pub(super) price: i64,
    pub(super) currency: String,
    pub(super) site_id: Option<Uuid>,
    pub(super) router_id: Option<Uuid>,
    pub(super) prefix: String,
    pub(super) count: i32,
    pub(super) status: String,
    pub(super) expires_at: Option<DateTimeUtc>,
    pub(super) prints: i32,
    pub(super) created_at: DateTimeUtc,
    pub(super) agent_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<&VoucherBatch> for ActiveModel {
    type Error = StoreError;

    fn try_from(batch: &VoucherBatch) -> Result<Self, StoreError> {
        Ok(Self {
            id: Set(batch.id.as_uuid()),
            name: Set(batch.name.clone()),
            package_id: Set(batch.package_id.as_uuid()),
            package: Set(to_json(&batch.package)?),
            price: Set(batch.price.minor()),
            currency: Set(batch.price.currency().code().to_owned()),
            site_id: Set(batch.place.map(|place| place.site_id.as_uuid())),
            router_id: Set(batch.place.and_then(|place| place.router_id).map(|id| id.as_uuid())),
            prefix: Set(batch.prefix.clone()),
            count: Set(i32::try_from(batch.count).map_err(StoreError::corrupt)?),
            status: Set(batch.status.as_str().to_owned()),
            expires_at: Set(batch.expires_at),
            prints: Set(i32::try_from(batch.prints).map_err(StoreError::corrupt)?),
            created_at: Set(batch.created_at),
            agent_id: Set(batch.agent_id.map(|agent| agent.as_uuid())),
        })
    }
}

impl TryFrom<Model> for VoucherBatch {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            name: row.name,
            package_id: Id::from_uuid(row.package_id),
            package: from_json(row.package)?,
            price: money(row.price, currency(&row.currency)?),
            place: row.site_id.map(|site| Place {
                site_id: Id::from_uuid(site),
                router_id: row.router_id.map(Id::from_uuid),
            }),
            prefix: row.prefix,
            count: u32::try_from(row.count).map_err(StoreError::corrupt)?,
            agent_id: row.agent_id.map(Id::from_uuid),
            status: BatchStatus::parse(&row.status).ok_or_else(|| StoreError::corrupt(&row.status))?,
            expires_at: row.expires_at,
            prints: u32::try_from(row.prints).map_err(StoreError::corrupt)?,
            created_at: row.created_at,
        })
    }
}
