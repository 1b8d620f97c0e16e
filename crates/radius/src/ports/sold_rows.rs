//! What was sold, among the subscribers.

use async_trait::async_trait;
use kernel::{StoreError, id::ids::RouterId};

use crate::{session::Session, subscriber::Subscriber};

/// What was sold, within a transaction.
#[async_trait]
pub trait SoldRows: Send {
    /// Who has a folded name and was not put away, held against other transactions until this one ends: what was sold
    /// before an account.
    async fn lock_holder(&mut self, username: &str) -> Result<Option<Subscriber>, StoreError>;
}

/// What was sold, as it was last committed.
#[async_trait]
pub trait SoldReads: Send + Sync {
    /// Who has a folded name and was not put away: what was sold before an account.
    async fn holder_of(&self, username: &str) -> Result<Option<Subscriber>, StoreError>;

    /// What was put at a place and not put away.
    async fn sold_at(&self, router: RouterId) -> Result<Vec<Subscriber>, StoreError>;

    /// The open sessions of what was ever put at a place, of one folded name or of all, each with the name as it was
    /// issued.
    async fn open_sessions_of_sold(
        &self,
        router: RouterId,
        username: Option<&str>,
    ) -> Result<Vec<(String, Session)>, StoreError>;
}
