//! The end of the audit chain, as the only row of its table. Whoever seals holds it, so that seals are given by
//! one at a time.

use identity::audit_chain::ChainHead;
use kernel::StoreError;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_chain_heads")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: i32,
    pub(super) sequence: i64,
    pub(super) hash: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The id of the only row.
pub(super) const ONLY: i32 = 1;

/// The end of the chain, from the row that the schema puts there.
pub(super) fn head(row: Option<Model>) -> Result<ChainHead, StoreError> {
    let row = row.ok_or_else(|| StoreError::corrupt("the audit chain has no head"))?;
    Ok(ChainHead { sequence: row.sequence, hash: row.hash })
}
