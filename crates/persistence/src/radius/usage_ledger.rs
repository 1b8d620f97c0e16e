//! What was used through a session on one local day, as a row. It only ever grows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "usage_ledger")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) session_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) day: Date,
    pub(super) subscriber_id: Option<Uuid>,
    pub(super) up: i64,
    pub(super) down: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::radius_sessions::Entity",
        from = "Column::SessionId",
        to = "super::radius_sessions::Column::Id"
    )]
    Session,
}

impl Related<super::radius_sessions::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Session.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
