//! The lines of postings, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_lines")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) posting_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) line: i32,
    pub(super) account: String,
    pub(super) amount: i64,
    pub(super) currency: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
