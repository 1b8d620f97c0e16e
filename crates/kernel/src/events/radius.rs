//! What radius tells.

use serde::{Deserialize, Serialize};

use super::{Contact, fact};
use crate::{
    ambient::Timestamp,
    id::ids::{RadiusSessionId, SubscriberId},
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
