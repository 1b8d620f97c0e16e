//! Gateways' statements, as rows.

use billing::statement::Statement;
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "gateway_statements")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) gateway: String,
    pub(super) file_hash: String,
    pub(super) covers_from: String,
    pub(super) covers_to: String,
    pub(super) lines: i32,
    pub(super) known: i32,
    pub(super) refused: i32,
    pub(super) imported_by: String,
    pub(super) imported_at: DateTimeUtc,
    pub(super) completed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A number of lines, as a column holds it.
pub(super) fn count(lines: u32) -> Result<i32, StoreError> {
    i32::try_from(lines).map_err(StoreError::corrupt)
}

impl TryFrom<&Statement> for ActiveModel {
    type Error = StoreError;

    fn try_from(statement: &Statement) -> Result<Self, StoreError> {
        Ok(Self {
            id: Set(statement.id.as_uuid()),
            gateway: Set(statement.gateway.clone()),
            file_hash: Set(statement.file_hash.clone()),
            covers_from: Set(statement.covers_from.to_string()),
            covers_to: Set(statement.covers_to.to_string()),
            lines: Set(count(statement.lines)?),
            known: Set(count(statement.known)?),
            refused: Set(count(statement.refused)?),
            imported_by: Set(statement.imported_by.clone()),
            imported_at: Set(statement.imported_at),
            completed_at: Set(statement.completed_at),
        })
    }
}

impl TryFrom<Model> for Statement {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            gateway: row.gateway,
            file_hash: row.file_hash,
            covers_from: row.covers_from.parse().map_err(StoreError::corrupt)?,
            covers_to: row.covers_to.parse().map_err(StoreError::corrupt)?,
            lines: u32::try_from(row.lines).map_err(StoreError::corrupt)?,
            known: u32::try_from(row.known).map_err(StoreError::corrupt)?,
            refused: u32::try_from(row.refused).map_err(StoreError::corrupt)?,
            imported_by: row.imported_by,
            imported_at: row.imported_at,
            completed_at: row.completed_at,
        })
    }
}
