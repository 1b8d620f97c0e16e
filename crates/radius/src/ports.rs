//! What radius needs from others: its rows ([`RadiusStore`], [`RadiusReads`], and the traits that these two gather).

mod accounting_rows;
mod auth_log_reads;
mod nas_rows;
mod radius_backend;
mod server_rows;

use async_trait::async_trait;
use kernel::{StoreError, UnitOfWork};

pub use accounting_rows::{AccountingReads, AccountingRows};
pub use auth_log_reads::AuthLogReads;
pub use nas_rows::{NasReads, NasRows, NasWritten};
pub use radius_backend::RadiusBackend;
pub use server_rows::{ServerRows, ServerState};

/// Begins radius's transactions.
#[async_trait]
pub trait RadiusStore: Send + Sync {
    /// A new transaction.
    async fn begin(&self) -> Result<Box<dyn RadiusTx>, StoreError>;
}

/// Radius's rows within a transaction.
pub trait RadiusTx: UnitOfWork + NasRows + AccountingRows {}

/// Radius's rows as they were last committed.
pub trait RadiusReads: NasReads + AccountingReads + AuthLogReads + ServerRows {}
