//! The staff's list of blocks.

use std::collections::BTreeSet;

use async_trait::async_trait;
use kernel::{
    Page, PageRequest, StoreError, Timestamp,
    id::ids::{BlockId, RouterId},
};

use crate::block::{Block, BlockTarget};

/// Rows of blocks within a transaction.
#[async_trait]
pub trait BlockRows: Send {
    /// Writes a new block; false, and no change, if its target is blocked already.
    async fn insert_block(&mut self, block: &Block) -> Result<bool, StoreError>;

    /// One block, held against other transactions until this one ends.
    async fn lock_block(&mut self, id: BlockId) -> Result<Option<Block>, StoreError>;

    /// Lifts a block; false, and no change, if it was lifted before.
    async fn lift_block(&mut self, id: BlockId, at: Timestamp) -> Result<bool, StoreError>;
}

/// Blocks as they were last committed.
#[async_trait]
pub trait BlockReads: Send + Sync {
    /// A page of the blocks, those that stand or all, latest first.
    async fn list_blocks(&self, lifted_too: bool, page: PageRequest) -> Result<Page<Block>, StoreError>;

    /// One block.
    async fn find_block(&self, id: BlockId) -> Result<Option<Block>, StoreError>;

    /// Everything that is to be blocked on a router: what staff have blocked there, and the devices that somebody
    /// has deactivated and nobody uses.
    async fn blocked_on(&self, router: RouterId) -> Result<BTreeSet<BlockTarget>, StoreError>;
}
