//! A user on a router that the portal did not make, as a row.

use hotspot::router_user::{UnknownRouterUser, UnknownStatus};
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unknown_router_users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) router_id: Uuid,
    pub(super) username: String,
    pub(super) comment: String,
    pub(super) status: String,
    pub(super) user_id: Option<Uuid>,
    pub(super) first_seen_at: DateTimeUtc,
    pub(super) last_seen_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::routers::Entity",
        from = "Column::RouterId",
        to = "super::routers::Column::Id"
    )]
    Router,
}

impl Related<super::routers::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Router.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&UnknownRouterUser> for ActiveModel {
    fn from(user: &UnknownRouterUser) -> Self {
        Self {
            id: Set(user.id.as_uuid()),
            router_id: Set(user.router_id.as_uuid()),
            username: Set(user.username.clone()),
            comment: Set(user.comment.clone()),
            status: Set(user.status.as_str().to_owned()),
            user_id: Set(user.user_id.map(|id| id.as_uuid())),
            first_seen_at: Set(user.first_seen_at),
            last_seen_at: Set(user.last_seen_at),
        }
    }
}

impl TryFrom<Model> for UnknownRouterUser {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            router_id: Id::from_uuid(row.router_id),
            username: row.username,
            comment: row.comment,
            status: UnknownStatus::parse(&row.status).ok_or_else(|| StoreError::corrupt(&row.status))?,
            user_id: row.user_id.map(Id::from_uuid),
            first_seen_at: row.first_seen_at,
            last_seen_at: row.last_seen_at,
        })
    }
}
