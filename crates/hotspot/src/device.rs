//! Somebody's phone, tablet or computer, known by its MAC. A device belongs to the account whose credentials it
//! signed in with: one that two people use is two devices, each with a name and a switch of its own.

use std::fmt;

use kernel::{
    Timestamp,
    id::ids::{DeviceId, UserId},
};

/// A device that has signed in with an account's credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Names it.
    pub id: DeviceId,
    /// Whose credentials it signed in with.
    pub user_id: UserId,
    /// Its address on the wire, as upper-case hexadecimal with colons. Phones may show another one to each
    /// network.
    pub mac: String,
    /// What it is, as far as known.
    pub class: DeviceClass,
    /// What its owner calls it.
    pub name: Option<String>,
    /// Whether it may sign in with its owner's credentials.
    pub active: bool,
    /// When it was first seen in a session.
    pub first_seen_at: Timestamp,
    /// When it was last seen in a session.
    pub last_seen_at: Timestamp,
}

/// Whether a router's text is the MAC of one device, as upper-case hexadecimal with colons. A router that sees a
/// customer through another one, or not on the wire, has none to tell; and it reads zeros as anybody's.
#[must_use]
pub fn is_mac(text: &str) -> bool {
    let pair = |pair: &str| {
        pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte))
    };
    text.split(':').count() == 6
        && text.split(':').all(pair)
        && text.bytes().any(|byte| !b"0:".contains(&byte))
}

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceClass {
    /// A phone.
    Mobile,
    /// A tablet.
    Tablet,
    /// A computer.
    Desktop,
    /// Nobody has told.
    Unknown,
}

impl DeviceClass {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::Mobile, Self::Tablet, Self::Desktop, Self::Unknown];

    /// The class as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Tablet => "tablet",
            Self::Desktop => "desktop",
            Self::Unknown => "unknown",
        }
    }

    /// Reads a stored class.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == text)
    }

    /// What a browser says it runs on. Android tablets leave `Mobile` out; iPads call themselves Macintosh since
    /// iPadOS 13 and are then taken for computers.
    #[must_use]
    pub fn of_user_agent(text: &str) -> Self {
        let says = |word: &str| text.contains(word);
        if says("iPad") || says("Tablet") || (says("Android") && !says("Mobile")) {
            Self::Tablet
        } else if says("iPhone") || says("iPod") || says("Mobile") {
            Self::Mobile
        } else if says("Windows NT") || says("Macintosh") || says("X11") || says("CrOS") {
            Self::Desktop
        } else {
            Self::Unknown
        }
    }
}

impl fmt::Display for DeviceClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{DeviceClass, is_mac};

    #[test]
    fn a_mac_names_one_device() {
        assert!(is_mac("02:00:5E:00:53:01"));
        for text in [
            "",
            "00:00:00:00:00:00",
            "02:00:5e:00:53:01",
            "02:00:5E:00:53",
            "02:00:5E:00:53:0G",
            "é:é:é:é:é:é",
        ] {
            assert!(!is_mac(text), "{text}");
        }
    }

    #[test]
    fn browsers_tell_what_they_run_on() {
        for (user_agent, class) in [
            (
                "Mozilla/5.0 (Linux; Android 14; SM-A156B) Chrome/126.0 Mobile Safari/537.36",
                DeviceClass::Mobile,
            ),
            ("Mozilla/5.0 (Linux; Android 13; SM-X200) Chrome/126.0 Safari/537.36", DeviceClass::Tablet),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148", DeviceClass::Mobile),
            ("Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) Mobile/15E148", DeviceClass::Tablet),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/127.0", DeviceClass::Desktop),
            ("Mozilla/5.0 (X11; Linux x86_64) Firefox/127.0", DeviceClass::Desktop),
            ("curl/8.5.0", DeviceClass::Unknown),
            ("", DeviceClass::Unknown),
        ] {
            assert_eq!(DeviceClass::of_user_agent(user_agent), class, "{user_agent}");
        }
    }

    #[test]
    fn stored_classes_read_back() {
        for class in DeviceClass::ALL {
            assert_eq!(DeviceClass::parse(class.as_str()), Some(class));
        }
    }
}
