//! Vouchers and their batches: lists and details.

use std::collections::BTreeMap;

use async_trait::async_trait;
use billing::{
    ports::VoucherReads,
    queries::vouchers::{BatchFilter, BatchView, VoucherFilter},
    voucher::{Voucher, VoucherStatus},
};
use kernel::{
    Page, PageRequest, StoreError,
    id::ids::{VoucherBatchId, VoucherId},
};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use super::{voucher_batches, vouchers};
use crate::{Database, error::store_error};

/// How many vouchers of a batch have a status.
#[derive(FromQueryResult)]
struct StatusRow {
    batch_id: Uuid,
    status: String,
    many: i64,
}

fn filtered(filter: &BatchFilter) -> Select<voucher_batches::Entity> {
    use voucher_batches::Column::{AgentId, CreatedAt, PackageId, SiteId, Status};
    let equal = [
        filter.status.map(|status| Status.eq(status.as_str())),
        filter.package_id.map(|id| PackageId.eq(id.as_uuid())),
        filter.site_id.map(|id| SiteId.eq(id.as_uuid())),
        filter.agent_id.map(|id| AgentId.eq(id.as_uuid())),
        filter.from.map(|from| CreatedAt.gte(from)),
        filter.to.map(|to| CreatedAt.lt(to)),
    ];
    equal.into_iter().flatten().fold(voucher_batches::Entity::find(), QueryFilter::filter)
}

#[async_trait]
impl VoucherReads for Database {
    async fn batches(&self, filter: &BatchFilter, page: PageRequest) -> Result<Page<BatchView>, StoreError> {
        let find = filtered(filter);
        let total = find.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = find
            .order_by_desc(voucher_batches::Column::CreatedAt)
            .order_by_desc(voucher_batches::Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(Page { items: self.with_counts(rows).await?, total, request: page })
    }

    async fn batch(&self, id: VoucherBatchId) -> Result<Option<BatchView>, StoreError> {
        let row = voucher_batches::Entity::find_by_id(id.as_uuid()).one(self.reader()).await;
        let rows = row.map_err(store_error)?.into_iter().collect();
        Ok(self.with_counts(rows).await?.pop())
    }

    async fn vouchers(&self, filter: &VoucherFilter, page: PageRequest) -> Result<Page<Voucher>, StoreError> {
        let mut find =
            vouchers::Entity::find().filter(vouchers::Column::BatchId.eq(filter.batch_id.as_uuid()));
        if let Some(status) = filter.status {
            find = find.filter(vouchers::Column::Status.eq(status.as_str()));
        }
        let total = find.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = find
            .order_by_asc(vouchers::Column::Number)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(Voucher::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, total, request: page })
    }

    async fn voucher(&self, id: VoucherId) -> Result<Option<Voucher>, StoreError> {
        let row = vouchers::Entity::find_by_id(id.as_uuid()).one(self.reader()).await;
        row.map_err(store_error)?.map(Voucher::try_from).transpose()
    }
}

impl Database {
    async fn with_counts(&self, batches: Vec<voucher_batches::Model>) -> Result<Vec<BatchView>, StoreError> {
        let rows: Vec<StatusRow> = vouchers::Entity::find()
            .select_only()
            .column(vouchers::Column::BatchId)
            .column(vouchers::Column::Status)
            .column_as(vouchers::Column::Id.count(), "many")
            .filter(vouchers::Column::BatchId.is_in(batches.iter().map(|batch| batch.id)))
            .group_by(vouchers::Column::BatchId)
            .group_by(vouchers::Column::Status)
            .into_model()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let counts: BTreeMap<_, _> =
            rows.into_iter().map(|row| ((row.batch_id, row.status), row.many)).collect();
        let count = |batch: Uuid, status: VoucherStatus| {
            let many = counts.get(&(batch, status.as_str().to_owned())).copied().unwrap_or(0);
            u32::try_from(many).map_err(StoreError::corrupt)
        };
        let view = |row: voucher_batches::Model| {
            Ok(BatchView {
                redeemed: count(row.id, VoucherStatus::Redeemed)?,
                revoked: count(row.id, VoucherStatus::Revoked)?,
                batch: row.try_into()?,
            })
        };
        batches.into_iter().map(view).collect()
    }
}
