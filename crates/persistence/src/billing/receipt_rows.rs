//! Receipts, their numbers, and who sells.

use async_trait::async_trait;
use billing::{
    ports::{ReceiptReads, ReceiptRows},
    queries::receipts::ReceiptFilter,
    receipt::{Receipt, SiteSeller},
};
use kernel::{
    Page, PageRequest, StoreError,
    id::ids::{OrderId, SiteId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{
    receipt_numbers, receipts, sellers,
    words::{from_json, to_json},
};
use crate::{Database, Tx, error::store_error};

#[async_trait]
impl ReceiptRows for Tx {
    async fn seller_at(&mut self, site: SiteId) -> Result<Option<SiteSeller>, StoreError> {
        let row = sellers::Entity::find_by_id(site.as_uuid()).one(self.connection()).await;
        row.map_err(store_error)?.map(|row| from_json(row.seller)).transpose()
    }

    async fn set_seller(&mut self, site: SiteId, seller: &SiteSeller) -> Result<(), StoreError> {
        let row = sellers::ActiveModel { site_id: Set(site.as_uuid()), seller: Set(to_json(seller)?) };
        let known =
            OnConflict::column(sellers::Column::SiteId).update_column(sellers::Column::Seller).to_owned();
        let insert = sellers::Entity::insert(row).on_conflict(known);
        insert.exec_without_returning(self.connection()).await.map(drop).map_err(store_error)
    }

    async fn next_receipt_number(&mut self, site: SiteId) -> Result<i64, StoreError> {
        use receipt_numbers::{ActiveModel, Column, Entity};
        let counted = OnConflict::column(Column::SiteId)
            .value(Column::Last, Expr::col((Entity, Column::Last)).add(1))
            .to_owned();
        let row = Entity::insert(ActiveModel { site_id: Set(site.as_uuid()), last: Set(1) })
            .on_conflict(counted)
            .exec_with_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(row.last)
    }

    async fn insert_receipt(&mut self, receipt: &Receipt) -> Result<(), StoreError> {
        let row = receipts::ActiveModel::try_from(receipt)?;
        let insert = receipts::Entity::insert(row).exec_without_returning(self.connection());
        insert.await.map(drop).map_err(store_error)
    }
}

#[async_trait]
impl ReceiptReads for Database {
    async fn receipt_of(&self, order: OrderId) -> Result<Option<Receipt>, StoreError> {
        let of_order = receipts::Column::OrderId.eq(order.as_uuid());
        let row = receipts::Entity::find().filter(of_order).one(self.reader()).await;
        row.map_err(store_error)?.map(Receipt::try_from).transpose()
    }

    async fn receipts(&self, filter: &ReceiptFilter, page: PageRequest) -> Result<Page<Receipt>, StoreError> {
        use receipts::Column::{IssuedAt, Number, SiteId};
        let mut find = receipts::Entity::find();
        if let Some(site) = filter.site_id {
            find = find.filter(SiteId.eq(site.as_uuid()));
        }
        if let Some(from) = filter.from {
            find = find.filter(IssuedAt.gte(from));
        }
        if let Some(to) = filter.to {
            find = find.filter(IssuedAt.lt(to));
        }
        let total = find.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = find
            .order_by_asc(SiteId)
            .order_by_desc(Number)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(Receipt::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, total, request: page })
    }

    async fn seller(&self, site: SiteId) -> Result<Option<SiteSeller>, StoreError> {
        let row = sellers::Entity::find_by_id(site.as_uuid()).one(self.reader()).await;
        row.map_err(store_error)?.map(|row| from_json(row.seller)).transpose()
    }
}
