//! Vouchers and their batches: what is written of them.

use async_trait::async_trait;
use billing::{
    ports::VoucherRows,
    voucher::{BatchStatus, Voucher, VoucherBatch, VoucherStatus},
};
use kernel::{
    StoreError, Timestamp,
    id::ids::{OrderId, VoucherBatchId, VoucherId},
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{voucher_batches, vouchers};
use crate::{Tx, error::store_error};

/// How many vouchers are added with one statement, well within the parameters that one may have.
const ADDED_TOGETHER: usize = 500;

#[async_trait]
impl VoucherRows for Tx {
    async fn insert_batch(&mut self, batch: &VoucherBatch) -> Result<(), StoreError> {
        let row = voucher_batches::ActiveModel::try_from(batch)?;
        let insert = voucher_batches::Entity::insert(row).exec_without_returning(self.connection());
        insert.await.map(drop).map_err(store_error)
    }

    async fn insert_vouchers(&mut self, added: &[Voucher]) -> Result<(), StoreError> {
        for some in added.chunks(ADDED_TOGETHER) {
            let rows = some.iter().map(vouchers::ActiveModel::try_from).collect::<Result<Vec<_>, _>>()?;
            let insert = vouchers::Entity::insert_many(rows).exec_without_returning(self.connection());
            insert.await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn lock_batch(&mut self, id: VoucherBatchId) -> Result<Option<VoucherBatch>, StoreError> {
        let found = voucher_batches::Entity::find_by_id(id.as_uuid()).lock_exclusive();
        let row = found.one(self.connection()).await.map_err(store_error)?;
        row.map(VoucherBatch::try_from).transpose()
    }

    async fn update_batch(&mut self, batch: &VoucherBatch) -> Result<(), StoreError> {
        use voucher_batches::Column::{Id, Prints, Status};
        let prints = i32::try_from(batch.prints).map_err(StoreError::corrupt)?;
        voucher_batches::Entity::update_many()
            .col_expr(Status, Expr::value(batch.status.as_str()))
            .col_expr(Prints, Expr::value(prints))
            .filter(Id.eq(batch.id.as_uuid()))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn hold_voucher(
        &mut self,
        marks: &[String],
    ) -> Result<Option<(Voucher, VoucherBatch)>, StoreError> {
        let bearing = vouchers::Entity::find().filter(vouchers::Column::Mark.is_in(marks)).lock_exclusive();
        let Some(voucher) = bearing.one(self.connection()).await.map_err(store_error)? else {
            return Ok(None);
        };
        // Shared: vouchers of one batch are redeemed side by side, but not while the batch is changed.
        let batch = voucher_batches::Entity::find_by_id(voucher.batch_id).lock_shared();
        let batch = batch.one(self.connection()).await.map_err(store_error)?;
        let batch = batch.ok_or_else(|| StoreError::corrupt("a voucher belongs to no batch"))?;
        Ok(Some((voucher.try_into()?, batch.try_into()?)))
    }

    async fn redeem_voucher(
        &mut self,
        id: VoucherId,
        order: OrderId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        use vouchers::Column::{BatchId, Id, OrderId, RedeemedAt, Status};
        let unlimited = Expr::col(voucher_batches::Column::ExpiresAt).is_null();
        let open = Query::select()
            .column(voucher_batches::Column::Id)
            .from(voucher_batches::Entity)
            .and_where(voucher_batches::Column::Status.eq(BatchStatus::Active.as_str()))
            .and_where(unlimited.or(voucher_batches::Column::ExpiresAt.gt(at)))
            .to_owned();
        let redeemed = vouchers::Entity::update_many()
            .col_expr(Status, Expr::value(VoucherStatus::Redeemed.as_str()))
            .col_expr(OrderId, Expr::value(order.as_uuid()))
            .col_expr(RedeemedAt, Expr::value(at))
            .filter(Id.eq(id.as_uuid()))
            .filter(Status.eq(VoucherStatus::Issued.as_str()))
            .filter(BatchId.in_subquery(open))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(redeemed.rows_affected == 1)
    }

    async fn issued_vouchers(&mut self, batch: VoucherBatchId) -> Result<Vec<Voucher>, StoreError> {
        let rows = vouchers::Entity::find()
            .filter(vouchers::Column::BatchId.eq(batch.as_uuid()))
            .filter(vouchers::Column::Status.eq(VoucherStatus::Issued.as_str()))
            .order_by_asc(vouchers::Column::Number)
            .all(self.connection())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Voucher::try_from).collect()
    }

    async fn revoke_voucher(&mut self, id: VoucherId) -> Result<bool, StoreError> {
        use vouchers::Column::{Id, Status};
        let revoked = vouchers::Entity::update_many()
            .col_expr(Status, Expr::value(VoucherStatus::Revoked.as_str()))
            .filter(Id.eq(id.as_uuid()))
            .filter(Status.eq(VoucherStatus::Issued.as_str()))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(revoked.rows_affected == 1)
    }
}
