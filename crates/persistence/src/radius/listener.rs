//! Hearing that a server has written accounting down. What is heard only makes ingestion prompt: the queue is the truth,
//! and whoever hears nothing looks at it by the clock.

use std::time::Duration;

use kernel::StoreError;
use sea_orm::{EntityTrait as _, QueryOrder as _, QuerySelect as _};
use sqlx::postgres::PgListener;

use super::radacct_observations::{Column, Entity};
use crate::{Database, error::store_error};

/// The channel on which the trigger of `radacct` notifies.
const CHANNEL: &str = "radacct";
/// How often the queue of a SQLite database is looked at, which notifies nobody.
const LOOK: Duration = Duration::from_secs(1);

/// Hears of accounting.
pub struct AccountingListener(Means);

enum Means {
    Notified(Box<PgListener>),
    Looking { database: Database, last: i64 },
}

impl Database {
    /// Begins to listen for accounting, on a connection of its own.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn listen_for_accounting(&self) -> Result<AccountingListener, StoreError> {
        if self.is_sqlite() {
            return Ok(AccountingListener(Means::Looking { database: self.clone(), last: 0 }));
        }
        let unavailable = |error: sqlx::Error| StoreError::Unavailable(error.to_string());
        let mut listener = PgListener::connect(self.url()).await.map_err(unavailable)?;
        listener.listen(CHANNEL).await.map_err(unavailable)?;
        Ok(AccountingListener(Means::Notified(Box::new(listener))))
    }
}

impl AccountingListener {
    /// Waits until something was written that was not heard of before.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; then listen anew, as something may have been missed.
    pub async fn heard(&mut self) -> Result<(), StoreError> {
        match &mut self.0 {
            Means::Notified(listener) => {
                let unavailable = |error: sqlx::Error| StoreError::Unavailable(error.to_string());
                // Nothing at all means that the connection was lost and is there again.
                listener.try_recv().await.map_err(unavailable)?;
                while listener.next_buffered().is_some() {}
                Ok(())
            }
            Means::Looking { database, last } => loop {
                let latest = latest(database).await?;
                if latest > *last {
                    *last = latest;
                    return Ok(());
                }
                tokio::time::sleep(LOOK).await;
            },
        }
    }
}

async fn latest(database: &Database) -> Result<i64, StoreError> {
    let newest = Entity::find().select_only().column(Column::Id).order_by_desc(Column::Id).limit(1);
    let id: Option<i64> = newest.into_tuple().one(database.reader()).await.map_err(store_error)?;
    Ok(id.unwrap_or(0))
}

impl std::fmt::Debug for AccountingListener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccountingListener")
    }
}
