//! Hotspot, in the database: routers and hotspot users. `commands` holds the transaction's part, `reads` the
//! rest; one file per table.

use async_trait::async_trait;
use hotspot::ports::{HotspotStore, HotspotTx};
use kernel::StoreError;

use crate::Database;

mod commands;
mod hotspot_users;
mod reads;
mod routers;

#[async_trait]
impl HotspotStore for Database {
    async fn begin(&self) -> Result<Box<dyn HotspotTx>, StoreError> {
        Ok(Box::new(self.begin_tx().await?))
    }
}

#[cfg(test)]
mod tests;
