//! Hotspot, in the database: one file per trait of its ports, `commands` and `reads` for hotspot users and `router_rows`
//! and `router_views` for routers; and one file per table.

use async_trait::async_trait;
use hotspot::ports::{HotspotStore, HotspotTx};
use kernel::StoreError;

use crate::Database;

mod block_rows;
mod commands;
mod forgetting_rows;
mod grace_rows;
mod reads;
mod router_health;
mod router_rows;
mod router_user_rows;
mod router_views;
mod session_reads;
mod session_rows;

mod blocks;
mod devices;
mod hotspot_users;
mod router_syncs;
mod routers;
mod sessions;
mod unknown_router_users;
mod withdrawn_units;

#[async_trait]
impl HotspotStore for Database {
    async fn begin(&self) -> Result<Box<dyn HotspotTx>, StoreError> {
        Ok(Box::new(self.begin_tx().await?))
    }
}

#[cfg(test)]
mod tests;
