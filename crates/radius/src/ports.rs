//! What radius needs from others: its rows ([`RadiusStore`], [`RadiusReads`], and the traits that these two gather), and
//! the NASes and routers that it tells what to do ([`nas::NasControl`], [`RouterKick`]).

pub mod nas;

mod enforcement_rows;
mod nas_rows;
mod profile_rows;
mod promotion_rows;
mod router_kick;
mod subscriber_rows;
mod usage_rows;

use async_trait::async_trait;
use kernel::{StoreError, UnitOfWork};

pub use enforcement_rows::{EnforcementReads, EnforcementRows, SessionReads};
pub use nas_rows::{NasReads, NasRows, NasWritten};
pub use profile_rows::{ProfileReads, ProfileRows};
pub use promotion_rows::{PromotionReads, PromotionRows};
pub use router_kick::{Kicked, KickedDevice, RouterKick};
pub use subscriber_rows::{SubscriberReads, SubscriberRows};
pub use usage_rows::{Entries, Owner, UsageReads, UsageRows};

/// Begins radius's transactions.
#[async_trait]
pub trait RadiusStore: Send + Sync {
    /// A new transaction.
    async fn begin(&self) -> Result<Box<dyn RadiusTx>, StoreError>;
}

/// Radius's rows within a transaction.
pub trait RadiusTx:
    UnitOfWork + EnforcementRows + NasRows + ProfileRows + PromotionRows + SubscriberRows + UsageRows
{
}

/// Radius's rows as they were last committed.
pub trait RadiusReads:
    EnforcementReads
    + SessionReads
    + NasReads
    + ProfileReads
    + PromotionReads
    + SubscriberReads
    + UsageReads
    + Send
    + Sync
{
}
