//! A login by RADIUS: what somebody signs in with, and how it is answered.

use std::net::IpAddr;

use kernel::Timestamp;

use crate::auth_log::AuthStatus;

/// What proves that somebody knows a secret, whatever the protocol.
pub trait Proof: Send + Sync {
    /// Whether it was made from this secret. Takes as long whether it was or not.
    fn was_made_from(&self, secret: &str) -> bool;
}

/// What somebody signs in with.
pub struct Login<'a> {
    /// The name, folded.
    pub username: String,
    /// The proof; none if the NAS sent none that we know.
    pub proof: Option<&'a dyn Proof>,
    /// The device.
    pub calling_station: Option<String>,
    /// What it signed in to.
    pub called_station: Option<String>,
    /// The address that it has or asks for.
    pub address: Option<IpAddr>,
    /// The NAS that asks.
    pub nas_address: IpAddr,
}

/// How a login is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginAnswer {
    /// Let in, with these attributes.
    Accept {
        /// What the NAS is told, in the order in which it is sent.
        replies: Vec<ReplyItem>,
    },
    /// Turned away.
    Reject {
        /// Why.
        reason: RejectReason,
        /// What the person may be told.
        message: Option<String>,
    },
}

impl LoginAnswer {
    /// A rejection without a message.
    #[must_use]
    pub const fn reject(reason: RejectReason) -> Self {
        Self::Reject { reason, message: None }
    }

    /// As the log keeps it.
    #[must_use]
    pub const fn status(&self) -> AuthStatus {
        match self {
            Self::Accept { .. } => AuthStatus::Accepted,
            Self::Reject { .. } => AuthStatus::Rejected,
        }
    }

    /// Why it was turned away, in one word; empty for an accept.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Accept { .. } => "",
            Self::Reject { reason, .. } => reason.as_str(),
        }
    }
}

/// An attribute of an answer, by the names of FreeRADIUS's dictionaries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyItem {
    /// Its name, such as `Session-Timeout`.
    pub name: String,
    /// Its value as text.
    pub value: String,
}

/// Why a login is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectReason {
    /// Nobody who may sign in has this name.
    UnknownUser,
    /// The password is wrong.
    WrongPassword,
    /// The NAS sent nothing that proves a password, or it cannot be held against the form in which ours is kept.
    NoProof,
    /// The access has ended.
    Expired,
    /// It is switched off for now: a quota is used up.
    Blocked,
    /// As many devices are signed in as may be.
    TooManySessions,
    /// What is written down for this user cannot be carried out.
    Unfit,
}

impl RejectReason {
    /// The reason as it is logged.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownUser => "unknown_user",
            Self::WrongPassword => "wrong_password",
            Self::NoProof => "no_proof",
            Self::Expired => "expired",
            Self::Blocked => "blocked",
            Self::TooManySessions => "too_many_sessions",
            Self::Unfit => "unfit",
        }
    }
}

/// What is written down of one user for a RADIUS server to read: the rows of `radcheck`, `radreply` and those of the
/// user's first group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DirectoryEntry {
    /// What must hold: of the user first, then of the group.
    pub check: Vec<ReplyItem>,
    /// What is answered: of the user first, then of the group.
    pub reply: Vec<ReplyItem>,
}

/// The longest Session-Timeout that every NAS takes, in seconds: what MikroTik's User Manager gives as its maximum.
const LONGEST_SESSION_SECONDS: i64 = 21_474_720;

impl DirectoryEntry {
    fn checked(&self, name: &str) -> Option<&str> {
        self.check.iter().find(|item| item.name == name).map(|item| item.value.as_str())
    }

    /// How FreeRADIUS answers a login with these rows, `others` being the other devices with which the user has sessions
    /// open. In its order: what is switched off, what has ended, the password, the sessions.
    #[must_use]
    pub fn answer(&self, proof: Option<&dyn Proof>, others: usize, now: Timestamp) -> LoginAnswer {
        if self.check.is_empty() {
            return LoginAnswer::reject(RejectReason::UnknownUser);
        }
        if self.checked("Auth-Type") == Some("Reject") {
            let message = self.reply.iter().find(|item| item.name == "Reply-Message");
            let message = message.map(|item| item.value.clone());
            return LoginAnswer::Reject { reason: RejectReason::Blocked, message };
        }
        let left = match self.checked("Expiration").map(str::parse::<i64>) {
            None => None,
            Some(Err(_)) => return LoginAnswer::reject(RejectReason::Unfit),
            Some(Ok(end)) => Some(end.saturating_sub(now.timestamp())),
        };
        if left.is_some_and(|left| left <= 0) {
            return LoginAnswer::reject(RejectReason::Expired);
        }
        match (self.checked("Cleartext-Password"), proof) {
            (Some(secret), Some(proof)) if proof.was_made_from(secret) => {}
            (Some(_), Some(_)) => return LoginAnswer::reject(RejectReason::WrongPassword),
            (None, _) | (_, None) => return LoginAnswer::reject(RejectReason::NoProof),
        }
        let limit = self.checked("Simultaneous-Use").map(str::parse::<usize>).transpose();
        match limit {
            Err(_) => return LoginAnswer::reject(RejectReason::Unfit),
            Ok(Some(limit)) if others >= limit => return LoginAnswer::reject(RejectReason::TooManySessions),
            Ok(_) => {}
        }
        LoginAnswer::Accept { replies: within(&self.reply, left) }
    }
}

/// The replies, with a Session-Timeout that ends no later than the access does. Of one name the first counts: the
/// user's before the group's.
fn within(replies: &[ReplyItem], left: Option<i64>) -> Vec<ReplyItem> {
    let mut kept: Vec<ReplyItem> = Vec::with_capacity(replies.len() + 1);
    for item in replies {
        if !kept.iter().any(|earlier| earlier.name == item.name) {
            kept.push(item.clone());
        }
    }
    let Some(left) = left else { return kept };
    let left = left.min(LONGEST_SESSION_SECONDS);
    match kept.iter_mut().find(|item| item.name == "Session-Timeout") {
        Some(timeout) => {
            let shorter = timeout.value.parse::<i64>().map_or(left, |seconds| seconds.min(left));
            timeout.value = shorter.to_string();
        }
        None => kept.push(ReplyItem { name: "Session-Timeout".to_owned(), value: left.to_string() }),
    }
    kept
}

/// How many other devices somebody is signed in with. A device that signs in again replaces its own session, so that it
/// does not stand in its own way; sessions of one device count once.
#[must_use]
pub fn other_devices(open: &[Option<String>], this: Option<&str>) -> usize {
    let canonical = |station: &str| {
        station.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
    };
    let this = this.map(canonical);
    let named: std::collections::BTreeSet<_> = open
        .iter()
        .flatten()
        .map(|station| canonical(station))
        .filter(|station| Some(station) != this.as_ref())
        .collect();
    named.len() + open.iter().filter(|station| station.is_none()).count()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use kernel::Timestamp;

    use super::{DirectoryEntry, LoginAnswer, Proof, RejectReason, ReplyItem, other_devices};

    struct Password(&'static str);

    impl Proof for Password {
        fn was_made_from(&self, secret: &str) -> bool {
            self.0 == secret
        }
    }

    fn now() -> Timestamp {
        DateTime::from_timestamp(1_768_651_200, 0).unwrap()
    }

    fn items(pairs: &[(&str, &str)]) -> Vec<ReplyItem> {
        pairs
            .iter()
            .map(|(name, value)| ReplyItem { name: (*name).to_owned(), value: (*value).to_owned() })
            .collect()
    }

    fn entry(check: &[(&str, &str)], reply: &[(&str, &str)]) -> DirectoryEntry {
        DirectoryEntry { check: items(check), reply: items(reply) }
    }

    const SECRET: (&str, &str) = ("Cleartext-Password", "wifi-1234");

    #[test]
    fn each_reason_is_found_in_the_order_of_freeradius() {
        let past = (now() - TimeDelta::seconds(1)).timestamp().to_string();
        let right: Option<&dyn Proof> = Some(&Password("wifi-1234"));
        let wrong: Option<&dyn Proof> = Some(&Password("guess"));
        for (check, proof, others, reason) in [
            (vec![], right, 0, RejectReason::UnknownUser),
            (vec![SECRET, ("Auth-Type", "Reject"), ("Expiration", &past)], wrong, 9, RejectReason::Blocked),
            (vec![SECRET, ("Expiration", &past)], wrong, 9, RejectReason::Expired),
            (vec![SECRET, ("Expiration", "2027-12-31")], right, 0, RejectReason::Unfit),
            (vec![SECRET, ("Simultaneous-Use", "1")], wrong, 9, RejectReason::WrongPassword),
            (vec![SECRET], None, 0, RejectReason::NoProof),
            (vec![("NT-Password", "0123")], right, 0, RejectReason::NoProof),
            (vec![SECRET, ("Simultaneous-Use", "2")], right, 2, RejectReason::TooManySessions),
            (vec![SECRET, ("Simultaneous-Use", "two")], right, 0, RejectReason::Unfit),
        ] {
            let answer = entry(&check, &[]).answer(proof, others, now());
            assert_eq!(answer.reason(), reason.as_str(), "{check:?}");
        }
    }

    #[test]
    fn a_session_ends_no_later_than_the_access() {
        let in_an_hour = (now() + TimeDelta::hours(1)).timestamp().to_string();
        for (timeout, sent) in [(Some("7200"), "3600"), (Some("600"), "600"), (None, "3600")] {
            let mut reply = vec![("Idle-Timeout", "300")];
            reply.extend(timeout.map(|timeout| ("Session-Timeout", timeout)));
            let answer = entry(&[SECRET, ("Expiration", &in_an_hour)], &reply).answer(
                Some(&Password("wifi-1234")),
                0,
                now(),
            );
            let LoginAnswer::Accept { replies } = answer else { panic!("{answer:?}") };
            assert!(replies.contains(&items(&[("Session-Timeout", sent)])[0]), "{replies:?}");
            assert_eq!(replies.len(), 2);
        }
    }

    #[test]
    fn a_device_does_not_stand_in_its_own_way() {
        let open =
            ["02-00-5e-00-53-01", "02:00:5E:00:53:01", "02:00:5E:00:53:02"].map(|mac| Some(mac.to_owned()));
        assert_eq!(other_devices(&open, Some("02:00:5e:00:53:01")), 1);
        assert_eq!(other_devices(&open, Some("02:00:5e:00:53:03")), 2);
        assert_eq!(other_devices(&[None, None], None), 2);
    }
}
