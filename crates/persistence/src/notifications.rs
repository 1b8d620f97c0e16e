//! Notifications, in the database: what people are told and each message on its way. `commands` holds the
//! transaction's part, `reads` the inbox; one file per table.

use ::notifications::{NotificationStore, NotificationTx};
use async_trait::async_trait;
use kernel::StoreError;

use crate::Database;

mod commands;
mod deliveries;
#[expect(clippy::module_inception, reason = "the domain's first table bears the domain's name")]
mod notifications;
mod reads;
#[cfg(test)]
mod tests;

#[async_trait]
impl NotificationStore for Database {
    async fn begin(&self) -> Result<Box<dyn NotificationTx>, StoreError> {
        Ok(Box::new(self.begin_tx().await?))
    }
}
