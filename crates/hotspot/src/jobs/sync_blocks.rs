//! A router comes to block what is to be blocked, and nothing else of what the portal has blocked there.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use kernel::{Job, JobHandler, JobOutcome, JobSpec, NewJob, Queue, StoreError, id::ids::RouterId};
use serde::{Deserialize, Serialize};

use super::sync_sessions::not_said;
use crate::{
    block::{BlockTarget, reconcile},
    ports::{HotspotTx, RouterError, RouterGateway},
    router::Router,
    use_cases::Hotspot,
};

/// How often the list may change under our hands before we leave the rest to whoever changes it.
const ROUNDS: usize = 3;

/// Makes the blocks of a router what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncBlocks {
    /// The router.
    pub router_id: RouterId,
}

impl JobSpec for SyncBlocks {
    const KIND: &'static str = "hotspot.sync_blocks";
    const QUEUE: Queue = Queue::Default;
}

/// Does [`SyncBlocks`].
#[derive(Debug)]
pub struct SyncBlocksHandler(pub Arc<Hotspot>);

#[async_trait]
impl JobHandler for SyncBlocksHandler {
    fn kind(&self) -> &'static str {
        SyncBlocks::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let spec = match job.spec::<SyncBlocks>() {
            Ok(spec) => spec,
            Err(error) => return JobOutcome::Hopeless(error.to_string()),
        };
        let synced = self.0.sync_blocks_of(spec.router_id).await;
        synced.unwrap_or_else(|error| JobOutcome::Failed(error.to_string()))
    }
}

impl Hotspot {
    /// Has every router look after its blocks, unless a job for that is waiting already. Gives how many routers
    /// there are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sync_blocks(&self) -> Result<usize, StoreError> {
        let routers = self.reads.routers_to_sync().await?;
        let mut tx = self.store.begin().await?;
        self.send_blocks(&mut *tx, &routers).await?;
        tx.commit().await?;
        Ok(routers.len())
    }

    /// Has these routers look after their blocks, unless a job for that is there already: it looks at the list again
    /// when it is done. Else customers could pile up work for a router that is away. A change that is written
    /// between that last look and the job's end is found by the next comparison. RADIUS blocks nothing.
    pub(crate) async fn send_blocks(
        &self,
        tx: &mut dyn HotspotTx,
        routers: &[Router],
    ) -> Result<(), StoreError> {
        for router in routers.iter().filter(|router| router.access.mode.is_router()) {
            let key = format!("{}:{}", SyncBlocks::KIND, router.id);
            let job = NewJob::new(&self.ambient, &SyncBlocks { router_id: router.id }, None)?;
            tx.enqueue(job.unique(key)).await?;
        }
        Ok(())
    }

    async fn sync_blocks_of(&self, router_id: RouterId) -> Result<JobOutcome, StoreError> {
        let router = self.reads.find_router(router_id).await?;
        let Some(router) = router.filter(|router| router.retired_at.is_none()) else {
            return Ok(JobOutcome::Done);
        };
        let gateway = self.routers.gateway(&router);
        let mut wanted = self.reads.blocked_on(router_id).await?;
        for _ in 0..ROUNDS {
            if let Err(error) = keep(&*gateway, &router, &wanted).await {
                return Ok(not_said(&router, &error));
            }
            // Another worker may have carried out a later list before us.
            let now = self.reads.blocked_on(router_id).await?;
            if now == wanted {
                break;
            }
            wanted = now;
        }
        Ok(JobOutcome::Done)
    }
}

/// Compares and sets. What the router refuses for itself is told and passed over: the rest is not held up by it.
async fn keep(
    gateway: &dyn RouterGateway,
    router: &Router,
    wanted: &BTreeSet<BlockTarget>,
) -> Result<(), RouterError> {
    let changes = reconcile(wanted, &gateway.list_blocks().await?);
    let missing = changes.missing.iter().map(|target| (target, true));
    for (target, blocked) in missing.chain(changes.lifted.iter().map(|target| (target, false))) {
        match set(gateway, target, blocked).await {
            Ok(()) => {}
            Err(error) if error.may_pass() => return Err(error),
            Err(error) => {
                tracing::error!(router = %router.name, ?target, blocked, %error, "a router refuses a block");
            }
        }
    }
    Ok(())
}

async fn set(gateway: &dyn RouterGateway, target: &BlockTarget, blocked: bool) -> Result<(), RouterError> {
    match (target, blocked) {
        (BlockTarget::Domain(domain), true) => gateway.block_domain(domain).await,
        (BlockTarget::Domain(domain), false) => gateway.unblock_domain(domain).await,
        (BlockTarget::Address(address), true) => gateway.block_address(*address).await,
        (BlockTarget::Address(address), false) => gateway.unblock_address(*address).await,
        (BlockTarget::Device(mac), true) => gateway.block_device(mac).await,
        (BlockTarget::Device(mac), false) => gateway.unblock_device(mac).await,
    }
}
