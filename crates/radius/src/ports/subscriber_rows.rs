//! Subscribers: radius's copies of accounts, and what was sold.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::{
    StoreError, Timestamp,
    id::ids::{AccessProfileId, PromotionId, SubscriberId, UserId},
};

use crate::{access_profile::AccessProfile, subscriber::Subscriber};

/// The time of an access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// When it was enabled: kept as the first time, if it is.
    pub enabled_at: Timestamp,
    /// When it began.
    pub begun_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// The profile that holds; none for what was sold.
    pub profile: Option<AccessProfileId>,
}

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

    /// Those who belong to a promotion, all or of these accounts, held against other transactions until this one ends.
    async fn lock_members(
        &mut self,
        promotion: PromotionId,
        only: Option<&[UserId]>,
    ) -> Result<Vec<Subscriber>, StoreError>;

    /// The first of those who are enabled with a profile, by id and behind one, held against
    /// other transactions until this one ends.
    async fn lock_enabled_of_profile(
        &mut self,
        profile: AccessProfileId,
        behind: Option<SubscriberId>,
        limit: u64,
    ) -> Result<Vec<Subscriber>, StoreError>;

    /// The first of those of a promotion who are enabled, by id and behind one, held against other transactions until
    /// this one ends.
    async fn lock_enabled_members(
        &mut self,
        promotion: PromotionId,
        behind: Option<SubscriberId>,
        limit: u64,
    ) -> Result<Vec<Subscriber>, StoreError>;

    /// The first of all who are enabled, by id and behind one, held against other transactions until this one ends.
    async fn lock_all_enabled(
        &mut self,
        behind: Option<SubscriberId>,
        limit: u64,
    ) -> Result<Vec<Subscriber>, StoreError>;

    /// Who is enabled with these names.
    async fn enabled_with_names(
        &mut self,
        names: &[&str],
    ) -> Result<HashMap<String, SubscriberId>, StoreError>;

    /// The profile of each of these promotions that has one.
    async fn profiles_of_promotions(
        &mut self,
        promotions: &[PromotionId],
    ) -> Result<HashMap<PromotionId, AccessProfileId>, StoreError>;

    /// Has held subscribers be enabled, with the same access.
    async fn enable_subscribers(&mut self, ids: &[SubscriberId], access: Access) -> Result<(), StoreError>;

    /// Has held subscribers be disabled.
    async fn disable_subscribers(&mut self, ids: &[SubscriberId]) -> Result<(), StoreError>;
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

    /// The profile that an account's limits come from: while it is enabled the one with which it was, else its own or
    /// its promotion's.
    async fn effective_profile(&self, subscriber: &Subscriber) -> Result<Option<AccessProfile>, StoreError>;
}
