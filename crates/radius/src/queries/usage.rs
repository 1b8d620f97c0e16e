//! What owners and staff see of sessions and of what was used.

use kernel::{
    Page, PageRequest, StoreError, Timestamp,
    id::ids::{RadiusSessionId, SubscriberId, UserId},
};

use crate::{
    access_profile::Limits,
    quota::days_left,
    session::Session,
    subscriber::{Source, Subscriber},
    usage::{Calendar, Used},
    use_cases::Radius,
};

/// Which sessions are wanted. Everything that is given must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionFilter {
    /// Whose account they are of.
    pub owner: Option<UserId>,
    /// Whose they are.
    pub subscriber_id: Option<SubscriberId>,
    /// Part of the username, in capitals or not.
    pub username: Option<String>,
    /// The NAS.
    pub nas_address: Option<String>,
    /// The device, as upper-case hexadecimal with colons.
    pub mac: Option<String>,
    /// Those that are open, or those that are over.
    pub open: Option<bool>,
    /// Those that began then or later.
    pub from: Option<Timestamp>,
    /// Those that began before.
    pub to: Option<Timestamp>,
}

/// What a subscriber has used of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageView {
    /// The subscriber.
    pub subscriber: Subscriber,
    /// What is enforced; nothing without a profile.
    pub limits: Option<Limits>,
    /// What was used.
    pub used: Used,
    /// Whole days until the access ends; nothing if it does not.
    pub expires_in_days: Option<u32>,
    /// When a NAS last said something of them.
    pub updated_at: Option<Timestamp>,
}

/// How the ledger and the sessions compare.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proof {
    /// How many sessions there are.
    pub sessions: u64,
    /// How many bytes went through them.
    pub bytes: u64,
    /// Sessions whose days do not sum up to what went through them, some hundred at most.
    pub differing: Vec<Difference>,
}

/// A session whose days do not sum up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The session.
    pub session_id: RadiusSessionId,
    /// Bytes that went through it.
    pub session: u64,
    /// Bytes in the ledger.
    pub ledger: u64,
}

impl Proof {
    /// Whether everything is in order.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.differing.is_empty()
    }
}

impl Radius {
    /// A page of the sessions that fit a filter, latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_radius_sessions(
        &self,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<Session>, StoreError> {
        self.reads.list_radius_sessions(filter, page).await
    }

    /// What an account has used of its quotas; nothing if RADIUS does not know it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn usage_of_account(&self, user: UserId) -> Result<Option<UsageView>, StoreError> {
        let Some(subscriber) = self.reads.subscriber_of_account(user).await? else { return Ok(None) };
        let now = self.ambient.now();
        let used = self.reads.usage_of(&subscriber, &Calendar::at(now, self.settings.zone)).await?;
        Ok(Some(UsageView {
            limits: self.limits_of(&subscriber).await?,
            used,
            expires_in_days: subscriber.expires_at.map(|end| days_left(end, now)),
            updated_at: self.reads.usage_updated_at(subscriber.id).await?,
            subscriber,
        }))
    }

    /// What is enforced on a subscriber: what was sold, or what its profile says; nothing if it has none.
    pub(crate) async fn limits_of(&self, subscriber: &Subscriber) -> Result<Option<Limits>, StoreError> {
        Ok(match &subscriber.source {
            Source::Sold(sold) => Some(sold.limits.clone()),
            Source::Account(_) => {
                self.reads.effective_profile(subscriber).await?.map(|profile| profile.limits)
            }
        })
    }

    /// Compares the ledger with the sessions that it is made of.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prove_usage(&self) -> Result<Proof, StoreError> {
        self.reads.prove_usage().await
    }
}
