//! Guesses by the hour, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "guesses")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) guessed: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) source: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) hour: DateTimeUtc,
    pub(super) guesses: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
