//! Somebody whom RADIUS may let in: an account, or one unit of a paid order.
//!
//! A subscriber is radius's own copy of what it has been told of an account. It exists from the registration on,
//! whether or not it was ever enabled, and keeps its secret sealed, so that it can be switched off and on.

use kernel::{
    Sealed, Timestamp,
    events::Contact,
    id::ids::{AccessProfileId, PromotionId, SubscriberId, UnitId, UserId},
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
    /// Whether it may sign in now: it stands in the directory.
    pub enabled: bool,
    /// When it was first enabled; never unset.
    pub activated_at: Option<Timestamp>,
    /// When its access ends.
    pub expires_at: Option<Timestamp>,
    /// What its quotas have come to.
    pub quota_state: QuotaState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was put away for good.
    pub archived_at: Option<Timestamp>,
}

/// What a subscriber is there for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An account; its limits are those of a profile.
    Account(UserId),
    /// A unit of a paid order; its limits are those of what was sold.
    Unit {
        /// The unit.
        unit_id: UnitId,
        /// Its limits.
        limits: Box<Limits>,
    },
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
