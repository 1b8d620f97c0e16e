//! Subscribers: radius's copies of accounts, and what was sold.

use async_trait::async_trait;
use kernel::{
    StoreError,
    id::ids::{SubscriberId, UserId},
};

use crate::{access_profile::AccessProfile, subscriber::Subscriber};

/// Subscribers within a transaction.
#[async_trait]
pub trait SubscriberRows: Send {
    /// Writes a new subscriber; false, and no change, if its account or unit has one.
    async fn insert_subscriber(&mut self, subscriber: &Subscriber) -> Result<bool, StoreError>;

    /// One subscriber, held against other transactions until this one ends.
    async fn lock_subscriber(&mut self, id: SubscriberId) -> Result<Option<Subscriber>, StoreError>;

    /// The copy of an account, held against other transactions until this one ends.
    async fn lock_account(&mut self, user: UserId) -> Result<Option<Subscriber>, StoreError>;

    /// Writes a held subscriber anew. Another one who is enabled with its name is a [`StoreError::Conflict`].
    async fn update_subscriber(&mut self, subscriber: &Subscriber) -> Result<(), StoreError>;
}

/// Subscribers as they were last committed.
#[async_trait]
pub trait SubscriberReads: Send + Sync {
    /// One subscriber.
    async fn find_subscriber(&self, id: SubscriberId) -> Result<Option<Subscriber>, StoreError>;

    /// The copy of an account.
    async fn subscriber_of_account(&self, user: UserId) -> Result<Option<Subscriber>, StoreError>;

    /// Those with these folded names, one for each: who is enabled, else the latest. A few hundred names at most.
    async fn subscribers_named(&self, usernames: &[String]) -> Result<Vec<Subscriber>, StoreError>;

    /// The profile that an account's limits come from: its own, else its promotion's.
    async fn effective_profile(&self, subscriber: &Subscriber) -> Result<Option<AccessProfile>, StoreError>;
}
