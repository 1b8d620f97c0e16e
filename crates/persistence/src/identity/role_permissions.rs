//! A permission that a role has, as a row.

use sea_orm::{RelationDef, entity::prelude::*};

use super::users;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role_permissions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) role: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) permission: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// From a user to the permissions of their role.
pub(super) fn of_user() -> RelationDef {
    users::Entity::belongs_to(Entity).from(users::Column::Role).to(Column::Role).into()
}
