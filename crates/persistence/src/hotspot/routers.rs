//! A router, as a row.

use hotspot::{Router, RouterMode, router::RouterAccess};
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "routers")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) site_id: Uuid,
    pub(super) is_default: bool,
    pub(super) mode: String,
    pub(super) host: String,
    pub(super) port: i32,
    pub(super) username: String,
    pub(super) tls: bool,
    pub(super) created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Router> for ActiveModel {
    fn from(router: &Router) -> Self {
        Self {
            id: Set(router.id.as_uuid()),
            name: Set(router.name.clone()),
            site_id: Set(router.site_id.as_uuid()),
            is_default: Set(router.is_default),
            mode: Set(router.access.mode.as_str().to_owned()),
            host: Set(router.access.host.clone()),
            port: Set(router.access.port.into()),
            username: Set(router.access.username.clone()),
            tls: Set(router.access.tls),
            created_at: Set(router.created_at),
        }
    }
}

impl TryFrom<Model> for Router {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            name: row.name,
            site_id: Id::from_uuid(row.site_id),
            is_default: row.is_default,
            access: RouterAccess {
                mode: RouterMode::parse(&row.mode).ok_or_else(|| StoreError::corrupt(&row.mode))?,
                host: row.host,
                port: row.port.try_into().map_err(StoreError::corrupt)?,
                username: row.username,
                tls: row.tls,
            },
            created_at: row.created_at,
        })
    }
}
