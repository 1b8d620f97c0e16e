//! A login by RADIUS: what somebody signs in with, and how it is answered.

use std::{collections::BTreeSet, net::IpAddr};

use crate::{attribute::Attribute, auth_log::AuthStatus, nas_client::Vendor, policy::Refusal};

/// A way to prove that one knows a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the secret itself.
    Pap,
    /// By a hash of the secret and a challenge: whoever checks it must know the secret.
    Chap,
    /// By what is made of a challenge with the secret's NT hash: knowing that is enough.
    MsChap,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Pap, Self::Chap, Self::MsChap];

    /// The way as it is shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pap => "pap",
            Self::Chap => "chap",
            Self::MsChap => "ms_chap",
        }
    }
}

/// What proves that somebody knows a secret, whatever the protocol.
pub trait Proof: Send + Sync {
    /// In which way.
    fn way(&self) -> Way;

    /// Whether it was made from this secret. Takes as long whether it was or not.
    fn was_made_from(&self, secret: &str) -> bool;
}

/// What somebody signs in with.
pub struct LoginAttempt<'a> {
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
    /// Whose attributes it understands.
    pub vendor: Vendor,
}

/// How a login is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginAnswer {
    /// Let in, with these attributes.
    Accept {
        /// What the NAS is told, in the order in which it is sent.
        replies: Vec<Attribute>,
    },
    /// Turned away.
    Reject {
        /// Why.
        refusal: Refusal,
        /// What the person may be told.
        message: Option<Attribute>,
    },
}

impl LoginAnswer {
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
            Self::Reject { refusal, .. } => refusal.code(),
        }
    }
}

/// How many other devices somebody is signed in with. A device that signs in again replaces its own session, so that it
/// does not stand in its own way; sessions of one device count once.
#[must_use]
pub fn other_devices(open: &[Option<String>], this: Option<&str>) -> usize {
    let canonical = |station: &str| {
        station.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
    };
    let this = this.map(canonical);
    let named = open.iter().flatten().map(|station| canonical(station));
    let others: BTreeSet<_> = named.filter(|station| Some(station) != this.as_ref()).collect();
    let nameless = open.iter().filter(|station| station.is_none()).count();
    others.len() + nameless
}

#[cfg(test)]
mod tests {
    use super::other_devices;

    #[test]
    fn a_device_does_not_stand_in_its_own_way() {
        let open = ["02-00-5e-00-53-01", "02:00:5E:00:53:01", "02:00:5E:00:53:02"];
        let open = open.map(|mac| Some(mac.to_owned()));
        assert_eq!(other_devices(&open, Some("02:00:5e:00:53:01")), 1);
        assert_eq!(other_devices(&open, Some("02:00:5e:00:53:03")), 2);
        assert_eq!(other_devices(&open, None), 2);
        assert_eq!(other_devices(&[None, None], Some("02:00:5e:00:53:01")), 2);
    }
}
