//! Forgetting who subscribers were.

use async_trait::async_trait;
use kernel::{StoreError, id::ids::SubscriberId};

use crate::subscriber::Subscriber;

/// Who subscribers were, within a transaction.
#[async_trait]
pub trait ForgettingRows: Send {
    /// Those that were sold as these, by what their seller knows them by; put away ones too.
    async fn sold_as(&mut self, markers: &[String]) -> Result<Vec<SubscriberId>, StoreError>;

    /// Whether a subscriber has a session open, or something of one was written down under its name and not taken in yet.
    async fn is_being_counted(&mut self, subscriber: &Subscriber) -> Result<bool, StoreError>;

    /// Forgets the name of a subscriber that was put away wherever it stands: in its sessions, which stay for what was used;
    /// in `radacct`, of which its rows go; in what logins were answered until then; and in the history of profiles.
    async fn forget_name(&mut self, subscriber: &Subscriber) -> Result<(), StoreError>;
}
