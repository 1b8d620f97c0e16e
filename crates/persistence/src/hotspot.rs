//! Hotspot, in the database: routers and hotspot users. `commands` and `router_rows` hold the
//! transaction's part, `reads` and `router_views` the rest; one file per table.

use async_trait::async_trait;
use hotspot::ports::{HotspotStore, HotspotTx};
use kernel::StoreError;

use crate::Database;

mod commands;
mod hotspot_users;
mod reads;
mod router_health;
mod router_rows;
mod router_views;
mod routers;

#[async_trait]
impl HotspotStore for Database {
    async fn begin(&self) -> Result<Box<dyn HotspotTx>, StoreError> {
        Ok(Box::new(self.begin_tx().await?))
    }
}

#[cfg(test)]
mod tests;
