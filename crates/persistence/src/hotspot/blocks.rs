//! A block, as a row. The routers that it is for are a JSON array of their ids, or null for all.

use hotspot::block::{Block, BlockTarget};
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blocks")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) value: String,
    pub(super) routers: Json,
    pub(super) reason: String,
    pub(super) created_by: String,
    pub(super) created_at: DateTimeUtc,
    pub(super) lifted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<&Block> for ActiveModel {
    type Error = StoreError;

    fn try_from(block: &Block) -> Result<Self, StoreError> {
        let routers: Option<Vec<Uuid>> =
            block.routers.as_ref().map(|routers| routers.iter().map(|id| id.as_uuid()).collect());
        let (kind, value) = block.target.parts();
        Ok(Self {
            id: Set(block.id.as_uuid()),
            kind: Set(kind.to_owned()),
            value: Set(value),
            routers: Set(serde_json::to_value(routers).map_err(StoreError::corrupt)?),
            reason: Set(block.reason.clone()),
            created_by: Set(block.created_by.clone()),
            created_at: Set(block.created_at),
            lifted_at: Set(block.lifted_at),
        })
    }
}

impl TryFrom<Model> for Block {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let target = BlockTarget::from_parts(&row.kind, &row.value);
        let routers: Option<Vec<Uuid>> = serde_json::from_value(row.routers).map_err(StoreError::corrupt)?;
        Ok(Self {
            id: Id::from_uuid(row.id),
            target: target.ok_or_else(|| StoreError::corrupt(&row.value))?,
            routers: routers.map(|routers| routers.into_iter().map(Id::from_uuid).collect()),
            reason: row.reason,
            created_by: row.created_by,
            created_at: row.created_at,
            lifted_at: row.lifted_at,
        })
    }
}
