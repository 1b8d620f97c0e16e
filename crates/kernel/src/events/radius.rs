//! What radius tells.

use serde::{Deserialize, Serialize};

use super::{Contact, fact};
use crate::{
    ambient::Timestamp,
    id::ids::{RadiusSessionId, SubscriberId, UserId},
};

/// A subscriber may sign in from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriberEnabled {
    /// The subscriber.
    pub subscriber_id: SubscriberId,
    /// Who it is.
    pub contact: Contact,
    /// When the access ends.
    pub expires_at: Option<Timestamp>,
}
fact!(SubscriberEnabled, about "subscriber" = subscriber_id, story = |_| None);

/// A subscriber may not sign in any more, until enabled again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriberDisabled {
    /// The subscriber.
    pub subscriber_id: SubscriberId,
}
fact!(SubscriberDisabled, about "subscriber" = subscriber_id, story = |_| None);

/// So much of a quota is used, or so little time is left, that the subscriber is told: once per threshold and period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageThresholdReached {
    /// The subscriber.
    pub subscriber_id: SubscriberId,
    /// Who is told.
    pub contact: Contact,
    /// The name of what was sold to them, of which they may have several; nothing for an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sold_as: Option<String>,
    /// `quota_warning`, `quota_critical`, `quota_exhausted`, `expiry_warning` or `expiry_imminent`.
    pub code: String,
    /// `day`, `week`, `month` or `total`; nothing for an expiry.
    pub period: Option<String>,
    /// How much of the quota is used, in percent; nothing for an expiry.
    pub percent: Option<u8>,
    /// Days until the access ends; nothing for a quota.
    pub expires_in_days: Option<u32>,
}
fact!(UsageThresholdReached, about "subscriber" = subscriber_id, story = |_| None);

/// A subscriber's quotas have come to something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaStateChanged {
    /// The subscriber.
    pub subscriber_id: SubscriberId,
    /// `open`, `blocked` or `throttled`.
    pub state: String,
    /// The period whose limit is used up: `day`, `week`, `month` or `total`; nothing when open.
    pub period: Option<String>,
    /// When it begins anew; nothing when open, and never for the total.
    pub until: Option<Timestamp>,
}
fact!(QuotaStateChanged, about "subscriber" = subscriber_id, story = |_| None);

/// A session on a NAS is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RadiusSessionClosed {
    /// The session.
    pub session_id: RadiusSessionId,
    /// Whose it was, if it is one of ours.
    pub subscriber_id: Option<SubscriberId>,
    /// Why, in the words of RFC 2866 section 5.10.
    pub cause: String,
}
fact!(RadiusSessionClosed, about "radius_session" = session_id, story = |_| None);

/// Somebody with an account has signed in with a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RadiusDeviceSeen {
    /// The session.
    pub session_id: RadiusSessionId,
    /// Whose account it was.
    pub user_id: UserId,
    /// The device's address on the wire, as upper-case hexadecimal with colons.
    pub mac: String,
    /// When it was last heard of.
    pub seen_at: Timestamp,
}
fact!(RadiusDeviceSeen, about "radius_session" = session_id, story = |_| None);
