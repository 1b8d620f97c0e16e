//! What radius needs from others: its rows ([`RadiusStore`], [`RadiusReads`], and the traits that these two gather), and
//! the NASes and routers that it tells what to do ([`nas::NasControl`], [`RouterKick`]).

pub mod nas;

mod accounting_rows;
mod auth_log_reads;
mod directory_rows;
mod enforcement_rows;
mod forgetting_rows;
mod nas_rows;
mod profile_rows;
mod promotion_rows;
mod radius_backend;
mod router_kick;
mod server_rows;
mod sold_rows;
mod subscriber_rows;
mod usage_rows;

use async_trait::async_trait;
use kernel::{StoreError, UnitOfWork};

pub use accounting_rows::{AccountingReads, AccountingRows};
pub use auth_log_reads::AuthLogReads;
pub use directory_rows::{DirectoryRows, Item, SET, StoredRows};
pub use enforcement_rows::{EnforcementReads, EnforcementRows};
pub use forgetting_rows::ForgettingRows;
pub use nas_rows::{NasReads, NasRows, NasWritten};
pub use profile_rows::{ProfileReads, ProfileRows};
pub use promotion_rows::{PromotionReads, PromotionRows};
pub use radius_backend::RadiusBackend;
pub use router_kick::{Kicked, KickedDevice, RouterKick};
pub use server_rows::{ServerRows, ServerState};
pub use sold_rows::{SoldReads, SoldRows};
pub use subscriber_rows::{Access, SubscriberReads, SubscriberRows};
pub use usage_rows::{Entries, Owner, UsageReads, UsageRows};

/// Begins radius's transactions.
#[async_trait]
pub trait RadiusStore: Send + Sync {
    /// A new transaction.
    async fn begin(&self) -> Result<Box<dyn RadiusTx>, StoreError>;
}

/// Radius's rows within a transaction.
pub trait RadiusTx:
    UnitOfWork
    + AccountingRows
    + DirectoryRows
    + EnforcementRows
    + ForgettingRows
    + NasRows
    + ProfileRows
    + PromotionRows
    + SoldRows
    + SubscriberRows
    + UsageRows
{
}

/// Radius's rows as they were last committed.
pub trait RadiusReads:
    AccountingReads
    + AuthLogReads
    + EnforcementReads
    + NasReads
    + ProfileReads
    + PromotionReads
    + ServerRows
    + SoldReads
    + SubscriberReads
    + UsageReads
    + Send
    + Sync
{
}
