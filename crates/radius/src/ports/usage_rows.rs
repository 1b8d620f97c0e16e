//! Accounting: what a server has written down, the sessions and the ledger that are made of it, and of whom it is.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use chrono::NaiveDate;
use kernel::{
    Page, PageRequest, StoreError, Timestamp,
    id::ids::{RadiusSessionId, SubscriberId, UserId},
};

use crate::{
    observation::{Counters, Observation},
    queries::usage::{Proof, SessionFilter},
    quota::Warning,
    session::Session,
    subscriber::{QuotaState, Subscriber},
    usage::{Calendar, Used},
};

/// Whose a session may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The subscriber.
    pub subscriber_id: SubscriberId,
    /// The name to sign in with, folded.
    pub username: String,
    /// The person's account.
    pub user_id: Option<UserId>,
}

/// What was used through a session on one local day.
pub type Entries = BTreeMap<(RadiusSessionId, NaiveDate), Counters>;

/// Accounting within a transaction.
#[async_trait]
pub trait UsageRows: Send {
    /// Keeps everybody else who takes in accounting waiting until this transaction ends.
    async fn take_accounting_turn(&mut self) -> Result<(), StoreError>;

    /// What was written down longest ago and not taken in yet, in the order in which it was written.
    async fn next_observations(&mut self, limit: u64) -> Result<Vec<Observation>, StoreError>;

    /// Forgets what has been taken in.
    async fn forget_observations(&mut self, ids: &[i64]) -> Result<(), StoreError>;

    /// The latest two sessions with each of these names.
    async fn sessions_named(&mut self, unique_ids: &[&str]) -> Result<Vec<Session>, StoreError>;

    /// The subscribers with these ids or folded names; of several with one name the one that is enabled, else the
    /// latest.
    async fn owners(&mut self, ids: &[SubscriberId], usernames: &[&str]) -> Result<Vec<Owner>, StoreError>;

    /// Writes sessions, new or known.
    async fn save_radius_sessions(&mut self, sessions: &[&Session]) -> Result<(), StoreError>;

    /// Adds to the ledger. It has no other way to be changed.
    async fn add_usage(&mut self, entries: &Entries) -> Result<(), StoreError>;

    /// Says in the ledger whose these sessions are.
    async fn attribute_usage(
        &mut self,
        subscriber: SubscriberId,
        sessions: &[RadiusSessionId],
    ) -> Result<(), StoreError>;

    /// Open sessions that were not heard of since a moment and of which nothing waits to be taken in, the longest
    /// silent first.
    async fn silent_sessions(&mut self, since: Timestamp, limit: u64) -> Result<Vec<Session>, StoreError>;

    /// Ends the rows of these sessions in `radacct` that are open, so that a server does not count them as in use.
    async fn end_accounting_rows(&mut self, sessions: &[&Session]) -> Result<(), StoreError>;

    /// What each of these subscribers has used, as this transaction sees it; who has used nothing may be missing.
    async fn used_by(
        &mut self,
        subscribers: &[&Subscriber],
        calendar: &Calendar,
    ) -> Result<HashMap<SubscriberId, Used>, StoreError>;

    /// Writes down that a subscriber is told something; false, and no change, if they were told before.
    async fn note_warning(
        &mut self,
        subscriber: SubscriberId,
        warning: &Warning,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Moves a subscriber's quota state on; false, and no change, if it is not `from` any more.
    async fn change_quota_state(
        &mut self,
        subscriber: SubscriberId,
        from: QuotaState,
        to: QuotaState,
    ) -> Result<bool, StoreError>;
}

/// Accounting as it was last committed.
#[async_trait]
pub trait UsageReads: Send + Sync {
    /// What a subscriber has used.
    async fn usage_of(&self, subscriber: &Subscriber, calendar: &Calendar) -> Result<Used, StoreError>;

    /// When a subscriber's NAS last said something of them.
    async fn usage_updated_at(&self, subscriber: SubscriberId) -> Result<Option<Timestamp>, StoreError>;

    /// A page of the sessions that fit a filter, latest first.
    async fn list_radius_sessions(
        &self,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<Session>, StoreError>;

    /// One session.
    async fn find_radius_session(&self, id: RadiusSessionId) -> Result<Option<Session>, StoreError>;

    /// The open sessions of a subscriber, earliest first.
    async fn open_radius_sessions_of(&self, subscriber: SubscriberId) -> Result<Vec<Session>, StoreError>;

    /// Enabled subscribers behind one, by id, at most `limit`: for a walk through all of them.
    async fn enabled_after(
        &self,
        last: Option<SubscriberId>,
        limit: u64,
    ) -> Result<Vec<SubscriberId>, StoreError>;

    /// Compares the ledger with the sessions.
    async fn prove_usage(&self) -> Result<Proof, StoreError>;
}
