//! A promotion, as a row.

use kernel::Id;
use radius::Promotion;
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "promotions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) access_profile_id: Option<Uuid>,
    pub(super) active: bool,
    pub(super) created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::access_profiles::Entity",
        from = "Column::AccessProfileId",
        to = "super::access_profiles::Column::Id"
    )]
    Profile,
}

impl Related<super::access_profiles::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Profile.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Promotion> for ActiveModel {
    fn from(promotion: &Promotion) -> Self {
        Self {
            id: Set(promotion.id.as_uuid()),
            name: Set(promotion.name.clone()),
            access_profile_id: Set(promotion.access_profile_id.map(|id| id.as_uuid())),
            active: Set(promotion.active),
            created_at: Set(promotion.created_at),
        }
    }
}

impl From<Model> for Promotion {
    fn from(row: Model) -> Self {
        Self {
            id: Id::from_uuid(row.id),
            name: row.name,
            access_profile_id: row.access_profile_id.map(Id::from_uuid),
            active: row.active,
            created_at: row.created_at,
        }
    }
}
