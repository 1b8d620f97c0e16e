//! Somebody whom RADIUS may let in: an account, or an access that was sold.
//!
//! A subscriber is radius's own copy of what it has been told of an account. It exists from the registration on,
//! whether or not it was ever enabled, and keeps its secret sealed, so that it can be switched off and on.

use kernel::{
    Sealed, Timestamp,
    events::{Contact, identity::Account},
    id::ids::{AccessProfileId, PromotionId, RouterId, SubscriberId, UserId},
};

use crate::access_profile::Limits;

/// Somebody whom RADIUS may let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// Names it.
    pub id: SubscriberId,
    /// What it is there for.
    pub source: Source,
    /// The name to sign in with, folded: RADIUS names are compared byte by byte, people's are not.
    pub username: String,
    /// The name of the person, for lists.
    pub full_name: String,
    /// The secret to sign in with, as it is kept; none yet for accounts that have no password.
    pub sealed_secret: Option<Sealed>,
    /// How to reach the person.
    pub contact: Contact,
    /// Whether the account may be used at all.
    pub account_active: bool,
    /// The group that it belongs to.
    pub promotion_id: Option<PromotionId>,
    /// A profile of its own, before that of its promotion.
    pub own_profile_id: Option<AccessProfileId>,
    /// The profile with which it was enabled; none while it is not. Where its promotion gets another one, it keeps
    /// this until it is activated anew.
    pub granted_profile_id: Option<AccessProfileId>,
    /// Whether it may sign in now: it stands in the directory.
    pub enabled: bool,
    /// Whether it was enabled when its account was switched off, so that it comes back with it.
    pub comes_back: bool,
    /// When it was first enabled; never unset.
    pub activated_at: Option<Timestamp>,
    /// When the access that runs now, or ran last, began: its validity and its total quota count from then. Switched
    /// off and on, it stays; renewed after its end, it is new.
    pub begun_at: Option<Timestamp>,
    /// When its access ends.
    pub expires_at: Option<Timestamp>,
    /// What its quotas have come to.
    pub quota_state: QuotaState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was put away for good.
    pub archived_at: Option<Timestamp>,
    /// What it has heard of its account.
    pub heard: Heard,
}

/// The latest revisions of an account that its copy has taken over. What is not newer is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Heard {
    /// Of the account itself.
    pub account: i64,
    /// Of its secret.
    pub secret: i64,
}

impl Subscriber {
    /// The copy of an account of which nothing was heard yet. It has no name, and cannot be enabled.
    #[must_use]
    pub fn unheard(id: SubscriberId, user: UserId, created_at: Timestamp) -> Self {
        let contact = Contact { user_id: Some(user), ..Contact::default() };
        Self { contact, ..Self::blank(id, Source::Account(user), created_at) }
    }

    /// What was sold, not switched on yet.
    #[must_use]
    pub fn sold(
        id: SubscriberId,
        sold: Sold,
        contact: Contact,
        sealed_secret: Sealed,
        created_at: Timestamp,
    ) -> Self {
        Self {
            contact,
            username: fold(&sold.name),
            sealed_secret: Some(sealed_secret),
            account_active: true,
            ..Self::blank(id, Source::Sold(Box::new(sold)), created_at)
        }
    }

    fn blank(id: SubscriberId, source: Source, created_at: Timestamp) -> Self {
        Self {
            id,
            source,
            username: String::new(),
            full_name: String::new(),
            sealed_secret: None,
            contact: Contact::default(),
            account_active: false,
            promotion_id: None,
            own_profile_id: None,
            granted_profile_id: None,
            enabled: false,
            comes_back: false,
            activated_at: None,
            begun_at: None,
            expires_at: None,
            quota_state: QuotaState::Open,
            created_at,
            archived_at: None,
            heard: Heard::default(),
        }
    }

    /// Takes over what was told of its account; false, and no change, if that is not new.
    pub fn hear_account(&mut self, account: &Account) -> bool {
        if account.revision <= self.heard.account || self.archived_at.is_some() {
            return false;
        }
        self.heard.account = account.revision;
        self.username = fold(&account.username);
        self.full_name.clone_from(&account.full_name);
        self.contact = Contact { user_id: Some(account.user_id), ..account.contact.clone() };
        self.account_active = account.is_active;
        self.promotion_id = account.promotion_id.map(PromotionId::from_uuid);
        true
    }

    /// Takes over its account's secret; false, and no change, if that is not new.
    pub fn hear_secret(&mut self, revision: i64, secret: &Sealed) -> bool {
        if revision <= self.heard.secret || self.archived_at.is_some() {
            return false;
        }
        self.heard.secret = revision;
        self.sealed_secret = Some(secret.clone());
        true
    }

    /// Puts it away for good, since its account is gone: nothing is kept but its names, by which its NASes tell of its last
    /// sessions; these go when the last is over. False, and no change, if that was done before.
    pub fn hear_deleted(&mut self, at: Timestamp) -> bool {
        if self.archived_at.is_some() {
            return false;
        }
        self.archived_at = Some(at);
        self.sealed_secret = None;
        self.contact = Contact { user_id: self.contact.user_id, ..Contact::default() };
        self.account_active = false;
        self.promotion_id = None;
        self.own_profile_id = None;
        self.granted_profile_id = None;
        (self.enabled, self.comes_back) = (false, false);
        true
    }
}

/// A name as RADIUS compares it, byte by byte: ASCII letters in lower case, as `%{tolower:…}` has them.
#[must_use]
pub fn fold(username: &str) -> String {
    username.to_ascii_lowercase()
}

/// What a subscriber is there for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An account; its limits are those of a profile.
    Account(UserId),
    /// Somebody has sold it, with limits of its own.
    Sold(Box<Sold>),
}

/// What whoever has sold an access knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    /// Where it was put: of all that stands for RADIUS at several sites, each has its own.
    pub router_id: RouterId,
    /// What its seller knows it by.
    pub marker: String,
    /// The name as it was issued; the subscriber's is folded.
    pub name: String,
    /// What was sold.
    pub limits: Limits,
}

/// What a subscriber's quotas have come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QuotaState {
    /// There is something left, or no limit.
    #[default]
    Open,
    /// One is used up, and logins are refused.
    Blocked {
        /// Which.
        period: Period,
        /// When it begins anew; never for the total.
        until: Option<Timestamp>,
    },
    /// One is used up, and the rate is low.
    Throttled {
        /// Which.
        period: Period,
        /// When it begins anew; never for the total.
        until: Option<Timestamp>,
    },
}

/// A period of the calendar for which there is a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// From local midnight on.
    Day,
    /// From local Monday midnight on.
    Week,
    /// From the 1st, local midnight, on.
    Month,
    /// From the activation on.
    Total,
}

impl QuotaState {
    /// The state as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Blocked { .. } => "blocked",
            Self::Throttled { .. } => "throttled",
        }
    }

    /// Which quota is used up, and when it begins anew.
    #[must_use]
    pub const fn exhausted(self) -> Option<(Period, Option<Timestamp>)> {
        match self {
            Self::Open => None,
            Self::Blocked { period, until } | Self::Throttled { period, until } => Some((period, until)),
        }
    }
}

impl Period {
    /// Every period, shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Total];

    /// The period as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Total => "total",
        }
    }

    /// Reads a stored period.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.as_str() == text)
    }
}

#[cfg(test)]
mod tests;
