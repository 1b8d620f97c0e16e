//! What a person is told: the notification, which is also the entry in their inbox.

use std::fmt;

use kernel::{
    Locale, Queue, Timestamp,
    events::alert::Severity,
    id::ids::{NotificationId, OrderId, UserId},
};
use uuid::Uuid;

use crate::channel::Channel;

/// A kind of notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotificationType {
    /// Wi-Fi credentials for whoever bought them, one notification per set.
    CredentialsIssued,
    /// All that an order owed has been made.
    OrderCompleted,
    /// Money was paid back, one notification per refund.
    RefundPaid,
    /// Staff made a new password for the person's account, one notification per reset.
    PasswordReset,
    /// Much of a quota is used.
    QuotaWarning,
    /// Most of a quota is used.
    QuotaCritical,
    /// A quota is used up.
    QuotaExhausted,
    /// An access ends within days.
    ExpiryWarning,
    /// An access is about to end.
    ExpiryImminent,
}

impl NotificationType {
    /// Every type.
    pub const ALL: [Self; 9] = [
        Self::CredentialsIssued,
        Self::OrderCompleted,
        Self::RefundPaid,
        Self::PasswordReset,
        Self::QuotaWarning,
        Self::QuotaCritical,
        Self::QuotaExhausted,
        Self::ExpiryWarning,
        Self::ExpiryImminent,
    ];

    /// The name as it is stored, sent and told in events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CredentialsIssued => "credentials_issued",
            Self::OrderCompleted => "order_completed",
            Self::RefundPaid => "refund_paid",
            Self::PasswordReset => "password_reset",
            Self::QuotaWarning => "quota_warning",
            Self::QuotaCritical => "quota_critical",
            Self::QuotaExhausted => "quota_exhausted",
            Self::ExpiryWarning => "expiry_warning",
            Self::ExpiryImminent => "expiry_imminent",
        }
    }

    /// The beginning of the names of its templates: those of a quota say how much of it is used, and those of an
    /// expiry when that is, in the same words whether it is early or late.
    #[must_use]
    pub const fn template(self) -> &'static str {
        match self {
            Self::CredentialsIssued | Self::OrderCompleted | Self::RefundPaid | Self::PasswordReset => {
                self.as_str()
            }
            Self::QuotaWarning | Self::QuotaCritical | Self::QuotaExhausted => "quota",
            Self::ExpiryWarning | Self::ExpiryImminent => "expiry",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The channels it takes, as far as the person can be reached through them.
    #[must_use]
    pub const fn channels(self) -> &'static [Channel] {
        match self {
            Self::CredentialsIssued
            | Self::RefundPaid
            | Self::PasswordReset
            | Self::QuotaCritical
            | Self::QuotaExhausted
            | Self::ExpiryImminent => &[Channel::Sms, Channel::Email, Channel::InApp],
            Self::OrderCompleted | Self::QuotaWarning | Self::ExpiryWarning => {
                &[Channel::Email, Channel::InApp]
            }
        }
    }

    /// How urgent it is.
    #[must_use]
    pub const fn priority(self) -> Priority {
        match self {
            Self::CredentialsIssued | Self::PasswordReset => Priority::High,
            Self::OrderCompleted
            | Self::RefundPaid
            | Self::QuotaWarning
            | Self::QuotaCritical
            | Self::QuotaExhausted
            | Self::ExpiryWarning
            | Self::ExpiryImminent => Priority::Normal,
        }
    }
}

impl fmt::Display for NotificationType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How urgent a notification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Good to know soon.
    Normal,
    /// The person waits for it.
    High,
}

impl Priority {
    /// Every priority.
    pub const ALL: [Self; 2] = [Self::Normal, Self::High];

    /// The name as it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::High => "high",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.as_str() == text)
    }

    /// The queue in which its messages wait.
    #[must_use]
    pub const fn queue(self) -> Queue {
        match self {
            Self::Normal => Queue::Default,
            Self::High => Queue::High,
        }
    }

    /// How bad it is when a message of this priority cannot be delivered.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Normal => Severity::Medium,
            Self::High => Severity::High,
        }
    }
}

/// Something a person is told. Of one type there is at most one per subject, so that a fact that arrives twice
/// tells nobody anything twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Names it.
    pub id: NotificationId,
    /// What kind it is.
    pub kind: NotificationType,
    /// Whom it is for; `None` for a guest, who has no inbox.
    pub user_id: Option<UserId>,
    /// What it is about: a provisioning unit for credentials, an order for its completion, the event for a reset.
    pub subject_id: Uuid,
    /// The order it concerns.
    pub order_id: Option<OrderId>,
    /// Its title in the inbox, in `locale`. It holds no secret.
    pub title: String,
    /// Its text in the inbox, in `locale`. It holds no secret.
    pub body: String,
    /// The path, within this service, of what it is about.
    pub link: Option<String>,
    /// How urgent it is.
    pub priority: Priority,
    /// The language it is written in.
    pub locale: Locale,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its reader first said that they had read it.
    pub read_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::{NotificationType, Priority};

    #[test]
    fn every_name_is_read_back() {
        for kind in NotificationType::ALL {
            assert_eq!(NotificationType::parse(kind.as_str()), Some(kind));
        }
        for priority in Priority::ALL {
            assert_eq!(Priority::parse(priority.as_str()), Some(priority));
        }
    }
}
