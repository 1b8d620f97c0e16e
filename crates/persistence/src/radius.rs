//! Radius, in the database: one file per trait of its ports, and one file per table. The tables that FreeRADIUS knows
//! (`radcheck`, `radreply`, `radgroupcheck`, `radgroupreply`, `radusergroup`, `radacct`, `radpostauth`, `nas`) keep its
//! names and columns.

use async_trait::async_trait;
use kernel::StoreError;
use radius::ports::{RadiusReads, RadiusStore, RadiusTx};

use crate::{Database, Tx};

mod nas_rows;

mod nas;
mod nas_clients;

#[async_trait]
impl RadiusStore for Database {
    async fn begin(&self) -> Result<Box<dyn RadiusTx>, StoreError> {
        Ok(Box::new(self.begin_tx().await?))
    }
}

impl RadiusTx for Tx {}

impl RadiusReads for Database {}

#[cfg(test)]
mod tests;
