//! Blocks: in a transaction, and straight from the pool.

use std::collections::BTreeSet;

use async_trait::async_trait;
use hotspot::{
    block::{Block, BlockTarget},
    ports::{BlockReads, BlockRows},
};
use kernel::{
    Page, PageRequest, StoreError, Timestamp,
    id::ids::{BlockId, RouterId},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait as _, OnConflict, SelectStatement},
};

use super::{
    blocks::{self, Column},
    devices, sessions,
};
use crate::{Database, Tx, error::store_error};

#[async_trait]
impl BlockRows for Tx {
    async fn insert_block(&mut self, block: &Block) -> Result<bool, StoreError> {
        let inserted = blocks::Entity::insert(blocks::ActiveModel::try_from(block)?)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn lock_block(&mut self, id: BlockId) -> Result<Option<Block>, StoreError> {
        let row = blocks::Entity::find_by_id(id.as_uuid())
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(Block::try_from).transpose()
    }

    async fn lift_block(&mut self, id: BlockId, at: Timestamp) -> Result<bool, StoreError> {
        let lifted = blocks::Entity::update_many()
            .col_expr(Column::LiftedAt, Expr::value(at))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::LiftedAt.is_null())
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(lifted.rows_affected == 1)
    }
}

/// The sessions with a device's MAC that are of nobody with an account, or of another account that has forgotten the
/// device: were it blocked, these customers would be locked out.
fn signed_in_by_others() -> SelectStatement {
    use devices::Column as Device;
    use sessions::Column as Session;
    let owner = Expr::col((sessions::Entity, Session::UserId));
    let anothers = Condition::any()
        .add(owner.clone().is_null())
        .add(owner.ne(Expr::col((devices::Entity, Device::UserId))));
    sessions::Entity::find()
        .select_only()
        .column(Session::Id)
        .filter(Expr::col((sessions::Entity, Session::Mac)).equals((devices::Entity, Device::Mac)))
        .filter(Session::DeviceId.is_null())
        .filter(anothers)
        .into_query()
}

#[async_trait]
impl BlockReads for Database {
    async fn list_blocks(&self, lifted_too: bool, page: PageRequest) -> Result<Page<Block>, StoreError> {
        let mut wanted = blocks::Entity::find();
        if !lifted_too {
            wanted = wanted.filter(Column::LiftedAt.is_null());
        }
        let total = wanted.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = wanted
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(Block::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, request: page, total })
    }

    async fn find_block(&self, id: BlockId) -> Result<Option<Block>, StoreError> {
        let row = blocks::Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(store_error)?;
        row.map(Block::try_from).transpose()
    }

    async fn blocked_on(&self, router: RouterId) -> Result<BTreeSet<BlockTarget>, StoreError> {
        let standing = blocks::Entity::find().filter(Column::LiftedAt.is_null()).all(self.reader()).await;
        let mut targets = BTreeSet::new();
        for row in standing.map_err(store_error)? {
            let block = Block::try_from(row)?;
            if block.is_for(router) {
                targets.insert(block.target);
            }
        }
        let in_use = devices::Entity::find()
            .select_only()
            .column(devices::Column::Mac)
            .filter(devices::Column::Active.eq(true))
            .into_query();
        let macs: Vec<String> = devices::Entity::find()
            .select_only()
            .column(devices::Column::Mac)
            .filter(devices::Column::Active.eq(false))
            .filter(devices::Column::Mac.not_in_subquery(in_use))
            .filter(Expr::exists(signed_in_by_others()).not())
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        targets.extend(macs.into_iter().map(BlockTarget::Device));
        Ok(targets)
    }
}
