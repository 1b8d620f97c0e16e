//! NAS clients: ours, and their mirror in FreeRADIUS's table `nas`.

use std::net::IpAddr;

use async_trait::async_trait;
use kernel::{StoreError, id::ids::NasClientId};
use radius::{
    nas_client::{NasClient, Vendor},
    ports::{NasReads, NasRows, NasWritten},
};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    nas::{self, UNSIGNED, marker},
    nas_clients::{self, Column},
};
use crate::{Database, error::store_error, tx::Tx};

#[async_trait]
impl NasRows for Tx {
    async fn lock_nas_client(&mut self, id: NasClientId) -> Result<Option<NasClient>, StoreError> {
        let row = nas_clients::Entity::find_by_id(id.as_uuid())
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(NasClient::try_from).transpose()
    }

    async fn insert_nas_client(&mut self, client: &NasClient) -> Result<NasWritten, StoreError> {
        let inserted = nas_clients::Entity::insert(nas_clients::ActiveModel::from(client))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        if inserted == 1 {
            return Ok(NasWritten::Written);
        }
        Ok(self.nas_client_in_the_way(client).await?.unwrap_or(NasWritten::AddressTaken))
    }

    async fn update_nas_client(&mut self, client: &NasClient) -> Result<NasWritten, StoreError> {
        if let Some(taken) = self.nas_client_in_the_way(client).await? {
            return Ok(taken);
        }
        let mut row = nas_clients::ActiveModel::from(client);
        row.id = Unchanged(client.id.as_uuid());
        row.created_at = Unchanged(client.created_at);
        nas_clients::Entity::update(row).exec(self.connection()).await.map_err(store_error)?;
        Ok(NasWritten::Written)
    }

    async fn delete_nas_client(&mut self, id: NasClientId) -> Result<bool, StoreError> {
        nas::Entity::delete_many()
            .filter(nas::Column::Description.eq(marker(id)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        let gone = nas_clients::Entity::delete_by_id(id.as_uuid()).exec(self.connection()).await;
        Ok(gone.map_err(store_error)?.rows_affected == 1)
    }

    async fn mirror_nas_client(
        &mut self,
        client: &NasClient,
        secret: &SecretString,
    ) -> Result<bool, StoreError> {
        let ours = nas::Column::Description.eq(marker(client.id));
        nas::Entity::delete_many().filter(ours).exec(self.connection()).await.map_err(store_error)?;
        let address = client.address.to_string();
        let others = nas::Entity::find().filter(nas::Column::Nasname.eq(&address));
        if others.count(self.connection()).await.map_err(store_error)? > 0 {
            return Ok(false);
        }
        let row = nas::ActiveModel {
            id: NotSet,
            nasname: Set(address),
            shortname: Set(client.name.clone()),
            r#type: Set(kind(client.vendor).to_owned()),
            secret: Set(secret.expose_secret().to_owned()),
            community: Set((!client.require_message_authenticator).then(|| UNSIGNED.to_owned())),
            description: Set(Some(marker(client.id))),
        };
        let insert = nas::Entity::insert(row).exec_without_returning(self.connection());
        insert.await.map(|_| true).map_err(store_error)
    }
}

impl Tx {
    /// Whether another NAS client has this one's name or address.
    async fn nas_client_in_the_way(&mut self, client: &NasClient) -> Result<Option<NasWritten>, StoreError> {
        let same = Condition::any()
            .add(Column::Name.eq(&client.name))
            .add(Column::Address.eq(client.address.to_string()));
        let others = nas_clients::Entity::find().filter(Column::Id.ne(client.id.as_uuid())).filter(same);
        let other = others.one(self.connection()).await.map_err(store_error)?;
        Ok(other.map(|other| {
            if other.name == client.name { NasWritten::NameTaken } else { NasWritten::AddressTaken }
        }))
    }
}

#[async_trait]
impl NasReads for Database {
    async fn list_nas_clients(&self) -> Result<Vec<NasClient>, StoreError> {
        let rows = nas_clients::Entity::find().order_by_asc(Column::Name).all(self.reader()).await;
        rows.map_err(store_error)?.into_iter().map(NasClient::try_from).collect()
    }

    async fn find_nas_client(&self, id: NasClientId) -> Result<Option<NasClient>, StoreError> {
        let row = nas_clients::Entity::find_by_id(id.as_uuid()).one(self.reader()).await;
        row.map_err(store_error)?.map(NasClient::try_from).transpose()
    }

    async fn nas_client_at(&self, address: IpAddr) -> Result<Option<NasClient>, StoreError> {
        let there = nas_clients::Entity::find().filter(Column::Address.eq(address.to_string()));
        let row = there.one(self.reader()).await.map_err(store_error)?;
        row.map(NasClient::try_from).transpose()
    }
}

/// The type by which FreeRADIUS's `checkrad` knows a NAS.
const fn kind(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Mikrotik => "mikrotik",
        Vendor::Wispr | Vendor::CoovaChilli | Vendor::PfSense => "other",
    }
}
