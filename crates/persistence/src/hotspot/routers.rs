//! A router, as a row.

use hotspot::{
    Router, RouterMode,
    router::{RouterAccess, RouterTls},
};
use kernel::{Id, Sealed, StoreError};
use sea_orm::{ActiveValue::Set, Condition, entity::prelude::*};

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
    pub(super) sealed_password: Option<String>,
    pub(super) tls_mode: String,
    pub(super) tls_fingerprint: Option<String>,
    pub(super) enabled: bool,
    pub(super) configured: bool,
    pub(super) created_at: DateTimeUtc,
    pub(super) retired_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Routers that new hotspot users may be put onto: [`Router::takes_users`].
pub(super) fn takes_users() -> Condition {
    Condition::all().add(Column::Enabled.eq(true)).add(Column::RetiredAt.is_null())
}

impl From<&Router> for ActiveModel {
    fn from(router: &Router) -> Self {
        let access = &router.access;
        Self {
            id: Set(router.id.as_uuid()),
            name: Set(router.name.clone()),
            site_id: Set(router.site_id.as_uuid()),
            is_default: Set(router.is_default),
            mode: Set(access.mode.as_str().to_owned()),
            host: Set(access.host.clone()),
            port: Set(access.port.into()),
            username: Set(access.username.clone()),
            sealed_password: Set(access.sealed_password.as_ref().map(|sealed| sealed.as_str().to_owned())),
            tls_mode: Set(access.tls.as_str().to_owned()),
            tls_fingerprint: Set(access.tls.fingerprint().map(|fingerprint| fingerprint.to_string())),
            enabled: Set(router.enabled),
            configured: Set(router.configured),
            created_at: Set(router.created_at),
            retired_at: Set(router.retired_at),
        }
    }
}

impl TryFrom<Model> for Router {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let fingerprint = row.tls_fingerprint.as_deref().map(str::parse).transpose();
        let fingerprint = fingerprint.map_err(StoreError::corrupt)?;
        let tls = RouterTls::parse(&row.tls_mode, fingerprint);
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
                sealed_password: row.sealed_password.map(Sealed::from_stored),
                tls: tls.ok_or_else(|| StoreError::corrupt(&row.tls_mode))?,
            },
            enabled: row.enabled,
            configured: row.configured,
            created_at: row.created_at,
            retired_at: row.retired_at,
        })
    }
}
