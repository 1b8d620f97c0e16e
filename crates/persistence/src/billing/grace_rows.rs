//! What sites grant while a payment waits, and what was granted.

use std::net::IpAddr;

use async_trait::async_trait;
use billing::{
    grace::{GrantedGrace, PaymentGrace},
    ports::{GraceReads, GraceRows},
};
use kernel::{
    Msisdn, StoreError, Timestamp,
    id::ids::{OrderId, SiteId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IdenStatic as _, PaginatorTrait,
    QueryFilter, sea_query::OnConflict,
};

use super::{
    payment_graces::{self, Column},
    site_graces,
    words::{from_json, to_json},
};
use crate::{Database, Tx, error::store_error};

impl Tx {
    async fn count_graces(&self, column: Column, value: String, since: Timestamp) -> Result<u64, StoreError> {
        self.take_turns(format!("payment_graces.{}: {value}", column.as_str())).await?;
        let found = payment_graces::Entity::find().filter(column.eq(value));
        let recent = found.filter(Column::GrantedAt.gt(since));
        recent.count(self.connection()).await.map_err(store_error)
    }
}

#[async_trait]
impl GraceRows for Tx {
    async fn grace_at(&mut self, site: SiteId) -> Result<Option<PaymentGrace>, StoreError> {
        find(self.connection(), site).await
    }

    async fn set_grace(&mut self, site: SiteId, grace: &PaymentGrace) -> Result<(), StoreError> {
        use site_graces::{ActiveModel, Column, Entity};
        let row = ActiveModel { site_id: Set(site.as_uuid()), grace: Set(to_json(grace)?) };
        let known = OnConflict::column(Column::SiteId).update_column(Column::Grace).to_owned();
        let insert = Entity::insert(row).on_conflict(known);
        insert.exec_without_returning(self.connection()).await.map(drop).map_err(store_error)
    }

    async fn had_grace(&mut self, order: OrderId) -> Result<bool, StoreError> {
        let of_order = payment_graces::Entity::find().filter(Column::OrderId.eq(order.as_uuid()));
        Ok(of_order.count(self.connection()).await.map_err(store_error)? > 0)
    }

    async fn count_graces_of(&mut self, phone: &Msisdn, since: Timestamp) -> Result<u64, StoreError> {
        self.count_graces(Column::Phone, phone.as_str().to_owned(), since).await
    }

    async fn count_graces_from(&mut self, host: IpAddr, since: Timestamp) -> Result<u64, StoreError> {
        self.count_graces(Column::Host, host.to_string(), since).await
    }

    async fn insert_grace(&mut self, granted: &GrantedGrace) -> Result<(), StoreError> {
        let row = payment_graces::ActiveModel {
            payment_id: Set(granted.payment_id.as_uuid()),
            order_id: Set(granted.order_id.as_uuid()),
            phone: Set(granted.phone.as_str().to_owned()),
            host: Set(granted.host.map(|host| host.to_string())),
            granted_at: Set(granted.granted_at),
        };
        let insert = payment_graces::Entity::insert(row).exec_without_returning(self.connection());
        insert.await.map(drop).map_err(store_error)
    }
}

#[async_trait]
impl GraceReads for Database {
    async fn grace(&self, site: SiteId) -> Result<Option<PaymentGrace>, StoreError> {
        find(self.reader(), site).await
    }
}

async fn find(connection: &impl ConnectionTrait, site: SiteId) -> Result<Option<PaymentGrace>, StoreError> {
    let row = site_graces::Entity::find_by_id(site.as_uuid()).one(connection).await;
    row.map_err(store_error)?.map(|row| from_json(row.grace)).transpose()
}
