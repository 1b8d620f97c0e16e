//! What a notification says, before it is put into words.

use std::fmt;

use kernel::{Locale, Money};

use crate::notification::NotificationType;

/// The facts that the words of one notification are made of.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// See [`NotificationType::CredentialsIssued`].
    CredentialsIssued {
        /// The order's number for people.
        order_number: String,
        /// The name of what was sold.
        package_name: String,
        /// The name to sign in with.
        username: String,
        /// The password to sign in with, in the clear.
        password: String,
        /// How long the credentials are good for, in minutes.
        validity_minutes: u32,
        /// Whether that time begins with the first sign-in, not now.
        from_first_use: bool,
    },
    /// See [`NotificationType::OrderCompleted`].
    OrderCompleted {
        /// The order's number for people.
        order_number: String,
        /// The name of what was sold.
        package_name: String,
        /// How many sets of credentials were made.
        units: u32,
    },
    /// See [`NotificationType::RefundPaid`].
    RefundPaid {
        /// The order's number for people.
        order_number: String,
        /// How much.
        amount: Money,
        /// How it went back: `gateway`, `cash`, `transfer`, `credit` or `agent_wallet`.
        way: String,
    },
    /// See [`NotificationType::PasswordReset`].
    PasswordReset {
        /// The name to sign in with.
        username: String,
        /// The new password, in the clear.
        password: String,
        /// Whether it is the secret for the Wi-Fi too.
        wifi_too: bool,
    },
    /// So much of a quota is used.
    Quota {
        /// [`NotificationType::QuotaWarning`], [`NotificationType::QuotaCritical`] or
        /// [`NotificationType::QuotaExhausted`].
        kind: NotificationType,
        /// `day`, `week`, `month` or `total`.
        period: String,
        /// How much, in percent.
        percent: u8,
        /// The name to sign in with, of what was bought; nothing for an account.
        username: Option<String>,
    },
    /// So little time is left.
    Expiry {
        /// [`NotificationType::ExpiryWarning`] or [`NotificationType::ExpiryImminent`].
        kind: NotificationType,
        /// Whole days.
        days: u32,
    },
}

impl Content {
    /// The type of notification that says this.
    #[must_use]
    pub const fn kind(&self) -> NotificationType {
        match self {
            Self::CredentialsIssued { .. } => NotificationType::CredentialsIssued,
            Self::OrderCompleted { .. } => NotificationType::OrderCompleted,
            Self::RefundPaid { .. } => NotificationType::RefundPaid,
            Self::Quota { kind, .. } | Self::Expiry { kind, .. } => *kind,
            Self::PasswordReset { .. } => NotificationType::PasswordReset,
        }
    }
}

// It carries a password, and a debug print ends up in logs.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({})", self.kind())
    }
}

/// A duration as people say it: `45 min`, `2 h`, `1 jour`, `7 days`, `1 h 30 min`.
#[must_use]
pub fn duration_in_words(minutes: u32, locale: Locale) -> String {
    let (days, hours, rest) = (minutes / 1440, minutes % 1440 / 60, minutes % 60);
    let mut parts = Vec::new();
    if days > 0 {
        let unit = match (locale, days) {
            (Locale::Fr, 1) => "jour",
            (Locale::Fr, _) => "jours",
            (Locale::En, 1) => "day",
            (Locale::En, _) => "days",
        };
        parts.push(format!("{days} {unit}"));
    }
    if hours > 0 {
        parts.push(format!("{hours} h"));
    }
    if rest > 0 || parts.is_empty() {
        parts.push(format!("{rest} min"));
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use kernel::Locale::{En, Fr};

    use super::{Content, duration_in_words};

    #[test]
    fn durations_are_said_as_people_say_them() {
        for (minutes, locale, words) in [
            (0, Fr, "0 min"),
            (45, Fr, "45 min"),
            (90, En, "1 h 30 min"),
            (120, Fr, "2 h"),
            (1440, Fr, "1 jour"),
            (1440, En, "1 day"),
            (10_080, Fr, "7 jours"),
            (10_080, En, "7 days"),
            (1500, Fr, "1 jour 1 h"),
        ] {
            assert_eq!(duration_in_words(minutes, locale), words, "{minutes}");
        }
    }

    #[test]
    fn a_debug_print_shows_no_password() {
        let content = Content::CredentialsIssued {
            order_number: "ORD-20260117-000042".into(),
            package_name: "2H".into(),
            username: "HS2601171200001".into(),
            password: "aB3dE5fG7h".into(),
            validity_minutes: 120,
            from_first_use: false,
        };
        assert_eq!(format!("{content:?}"), "Content(credentials_issued)");
    }
}
