//! Staff block a site or an address, and lift a block. The list is what counts: routers are made to follow it, now
//! and at every comparison.

use std::collections::BTreeSet;

use kernel::{
    Id, Origin, StoreError,
    audit::AuditRecord,
    id::ids::{BlockId, RouterId},
};
use serde_json::json;

use super::Hotspot;
use crate::{
    block::{Block, BlockTarget},
    ports::HotspotTx,
};

/// Something to be blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddBlock {
    /// What.
    pub target: BlockTarget,
    /// On which routers; `None` for all, those of tomorrow too.
    pub routers: Option<BTreeSet<RouterId>>,
    /// Why, for other staff.
    pub reason: String,
}

/// Why something cannot be blocked.
#[derive(Debug, thiserror::Error)]
pub enum AddBlockError {
    /// One of the routers does not exist or is out of use.
    #[error("there is no router {0}")]
    NoRouter(RouterId),
    /// It is blocked already, on these routers or others.
    #[error("it is blocked already")]
    BlockedAlready,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a block cannot be lifted.
#[derive(Debug, thiserror::Error)]
pub enum LiftBlockError {
    /// There is no such block, or it was lifted before.
    #[error("no such block")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Hotspot {
    /// Blocks a site or an address.
    ///
    /// # Errors
    /// [`AddBlockError`].
    pub async fn add_block(&self, command: AddBlock, origin: &Origin) -> Result<BlockId, AddBlockError> {
        let routers = self.reads.routers_to_sync().await?;
        let blocking = routers.iter().filter(|router| router.access.mode.is_router());
        let known: BTreeSet<_> = blocking.map(|router| router.id).collect();
        if let Some(unknown) = command.routers.iter().flatten().find(|id| !known.contains(id)) {
            return Err(AddBlockError::NoRouter(*unknown));
        }
        let block = Block {
            id: Id::generate(&self.ambient),
            target: command.target,
            routers: command.routers,
            reason: command.reason,
            created_by: origin.actor.to_string(),
            created_at: self.ambient.now(),
            lifted_at: None,
        };
        let mut tx = self.store.begin().await?;
        if !tx.insert_block(&block).await? {
            return Err(AddBlockError::BlockedAlready);
        }
        self.audit_block(&mut *tx, &block, "create", origin).await?;
        let concerned: Vec<_> = routers.into_iter().filter(|router| block.is_for(router.id)).collect();
        self.send_blocks(&mut *tx, &concerned).await?;
        tx.commit().await?;
        Ok(block.id)
    }

    /// Lifts a block.
    ///
    /// # Errors
    /// [`LiftBlockError`].
    pub async fn lift_block(&self, id: BlockId, origin: &Origin) -> Result<(), LiftBlockError> {
        let routers = self.reads.routers_to_sync().await?;
        let mut tx = self.store.begin().await?;
        let block = tx.lock_block(id).await?.ok_or(LiftBlockError::NotFound)?;
        if !tx.lift_block(id, self.ambient.now()).await? {
            return Err(LiftBlockError::NotFound);
        }
        self.audit_block(&mut *tx, &block, "lift", origin).await?;
        let concerned: Vec<_> = routers.into_iter().filter(|router| block.is_for(router.id)).collect();
        self.send_blocks(&mut *tx, &concerned).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn audit_block(
        &self,
        tx: &mut dyn HotspotTx,
        block: &Block,
        action: &'static str,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let (kind, value) = block.target.parts();
        let resource = format!("block:{}", block.id);
        let record = AuditRecord::success(&self.ambient, origin, "block", action, resource);
        tx.audit(record.with(json!({ "kind": kind, "value": value, "reason": block.reason }))).await
    }
}
