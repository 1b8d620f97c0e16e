//! Something that a subscriber was told, once, as a row.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "usage_warnings")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) subscriber_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) code: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) period: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) once_per: Date,
    pub(super) told_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
