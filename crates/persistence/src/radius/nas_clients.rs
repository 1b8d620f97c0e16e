//! A NAS client, as a row.

use kernel::{Id, Sealed, StoreError};
use radius::nas_client::{NasClient, Vendor};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "nas_clients")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) sealed_secret: String,
    pub(super) vendor: String,
    pub(super) coa_port: i32,
    pub(super) require_message_authenticator: bool,
    pub(super) sends_gigawords: bool,
    pub(super) site_id: Uuid,
    pub(super) router_id: Option<Uuid>,
    pub(super) created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&NasClient> for ActiveModel {
    fn from(client: &NasClient) -> Self {
        Self {
            id: Set(client.id.as_uuid()),
            name: Set(client.name.clone()),
            address: Set(client.address.to_string()),
            sealed_secret: Set(client.sealed_secret.as_str().to_owned()),
            vendor: Set(client.vendor.as_str().to_owned()),
            coa_port: Set(client.coa_port.into()),
            require_message_authenticator: Set(client.require_message_authenticator),
            sends_gigawords: Set(client.sends_gigawords),
            site_id: Set(client.site_id.as_uuid()),
            router_id: Set(client.router_id.map(|router| router.as_uuid())),
            created_at: Set(client.created_at),
        }
    }
}

impl TryFrom<Model> for NasClient {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            name: row.name,
            address: row.address.parse().map_err(StoreError::corrupt)?,
            sealed_secret: Sealed::from_stored(row.sealed_secret),
            vendor: Vendor::parse(&row.vendor).ok_or_else(|| StoreError::corrupt(&row.vendor))?,
            coa_port: row.coa_port.try_into().map_err(StoreError::corrupt)?,
            require_message_authenticator: row.require_message_authenticator,
            sends_gigawords: row.sends_gigawords,
            site_id: Id::from_uuid(row.site_id),
            router_id: row.router_id.map(Id::from_uuid),
            created_at: row.created_at,
        })
    }
}
