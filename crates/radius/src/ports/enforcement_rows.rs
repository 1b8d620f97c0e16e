//! What is wanted of open sessions and what was tried, as rows.

use async_trait::async_trait;
use kernel::{StoreError, id::ids::RadiusSessionId};

use crate::enforcement::{Attempt, Enforcement};

/// Enforcement, within a transaction.
#[async_trait]
pub trait EnforcementRows: Send {
    /// What is wanted of a session, held against other transactions until this one ends.
    async fn lock_enforcement(&mut self, session: RadiusSessionId)
    -> Result<Option<Enforcement>, StoreError>;

    /// Writes what is wanted of a session; false, and no change, if something else is wanted by now: the row has
    /// another revision than the one before this, or than this.
    async fn save_enforcement(&mut self, enforcement: &Enforcement) -> Result<bool, StoreError>;

    /// Writes that something is tried; false, and no change, if another process tries the same.
    async fn begin_attempt(&mut self, attempt: &Attempt) -> Result<bool, StoreError>;

    /// Writes how a try ended, with the packet that it was, unless that is known. Whoever did not live to hear of it may
    /// have been given up too soon.
    async fn end_attempt(&mut self, attempt: &Attempt) -> Result<(), StoreError>;
}

/// Enforcement as it was last committed.
#[async_trait]
pub trait EnforcementReads: Send + Sync {
    /// What is wanted of a session.
    async fn enforcement_of(&self, session: RadiusSessionId) -> Result<Option<Enforcement>, StoreError>;

    /// What was tried with a session, oldest first.
    async fn attempts_with(&self, session: RadiusSessionId) -> Result<Vec<Attempt>, StoreError>;
}
