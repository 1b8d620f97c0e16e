//! The database: the only crate that knows it. Every domain's store on SQLite and PostgreSQL by one adapter.
//!
//! 1. [`database`]: connecting, the writer and the readers, migrating.
//! 2. [`tx`]: the one transaction type; it implements every domain's unit of work.
//! 3. Shared by all: [`events`], [`jobs`], [`schedule`], and in [`tx`] idempotency keys and the audit log.
//! 4. One module per domain, none of which knows another: [`billing`], [`hotspot`], [`identity`],
//!    [`notifications`], [`radius`]. Each holds its entities (one file per table) and implements its domain's ports.
//! 5. [`accounts`], [`overview`]: read-only views across domains, for staff and operators.
//!
//! To add a table: a step in `migrations`, an entity file here, and methods on the domain's ports. A change of
//! state is compare-and-set; an insert that may meet its twin says so with "on conflict do nothing" and counts
//! rows, since a failed statement spoils a PostgreSQL transaction.

pub mod accounts;
pub mod billing;
pub mod database;
mod error;
pub mod events;
pub mod hotspot;
pub mod identity;
pub mod jobs;
pub mod notifications;
pub mod overview;
pub mod radius;
pub mod schedule;
mod search;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tx;

pub use database::{Database, DatabaseOptions};
pub use events::Subscriptions;
pub use tx::Tx;
