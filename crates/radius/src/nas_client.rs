//! Who may ask the RADIUS server: routers and access points, each with the secret that it shares with the server.

use std::net::IpAddr;

use kernel::{
    Sealed, Timestamp,
    id::ids::{NasClientId, RouterId, SiteId},
};
use secrecy::{ExposeSecret as _, SecretString};

/// A device that asks the RADIUS server (a RADIUS client, RFC 2865 section 1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NasClient {
    /// Names it.
    pub id: NasClientId,
    /// A unique short name for people.
    pub name: String,
    /// Where its packets come from.
    pub address: IpAddr,
    /// What it and the server share.
    pub sealed_secret: Sealed,
    /// Whose attributes it understands.
    pub vendor: Vendor,
    /// Where it takes Disconnect- and CoA-Requests (RFC 5176); 3799 by default, 0 if it takes none.
    pub coa_port: u16,
    /// Whether requests without a Message-Authenticator are dropped (CVE-2024-3596).
    pub require_message_authenticator: bool,
    /// Whether its counters come with Gigawords (RFC 2869 section 5.1). Without, a counter that goes back has run
    /// over 2^32.
    pub sends_gigawords: bool,
    /// The site where it stands.
    pub site_id: SiteId,
    /// The router that it is, if the portal also reaches it by its API.
    pub router_id: Option<RouterId>,
    /// When it was made known.
    pub created_at: Timestamp,
}

impl NasClient {
    /// Where a NAS takes Disconnect- and CoA-Requests unless it was told otherwise (RFC 5176 section 2).
    pub const COA_PORT: u16 = 3799;
    /// The fewest characters of a secret. 16 and more are better (RFC 2865 section 3): whoever records packets can
    /// try short ones at leisure.
    pub const SHORTEST_SECRET: usize = 8;
    /// The most characters of a secret.
    pub const LONGEST_SECRET: usize = 128;
    /// The most characters of a name.
    pub const LONGEST_NAME: usize = 60;
}

/// Whether a secret can be typed into every NAS and read by FreeRADIUS as it is: visible ASCII, without quotes, backslashes
/// and the backticks that FreeRADIUS would execute.
#[must_use]
pub fn is_secret(secret: &SecretString) -> bool {
    let text = secret.expose_secret();
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'`' | b'"' | b'\'' | b'\\');
    (NasClient::SHORTEST_SECRET..=NasClient::LONGEST_SECRET).contains(&text.len()) && text.bytes().all(plain)
}

/// Whose attributes a NAS understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Vendor {
    /// MikroTik RouterOS.
    #[default]
    Mikrotik,
    /// Anything that knows the WISPr attributes.
    Wispr,
    /// CoovaChilli.
    CoovaChilli,
    /// pfSense's captive portal.
    PfSense,
}

impl std::str::FromStr for Vendor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or("expected mikrotik, wispr, coova_chilli or pfsense")
    }
}

impl Vendor {
    /// Every vendor.
    pub const ALL: [Self; 4] = [Self::Mikrotik, Self::Wispr, Self::CoovaChilli, Self::PfSense];

    /// The vendor as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mikrotik => "mikrotik",
            Self::Wispr => "wispr",
            Self::CoovaChilli => "coova_chilli",
            Self::PfSense => "pfsense",
        }
    }

    /// Reads a stored vendor.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|vendor| vendor.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::{Vendor, is_secret};

    #[test]
    fn a_secret_is_long_enough_and_means_itself_everywhere() {
        for good in ["testing123", "correct-horse/battery+staple=", &"x".repeat(128), "%{User-Name}"] {
            assert!(is_secret(&good.into()), "{good}");
        }
        for bad in [
            "",
            "short",
            "has a space",
            "`reboot`!",
            "\"quoted\"",
            "it's-a-secret",
            "back\\slash",
            "clé-secrète",
        ] {
            assert!(!is_secret(&bad.into()), "{bad}");
        }
        assert!(!is_secret(&"x".repeat(129).into()));
    }

    #[test]
    fn vendors_read_back() {
        for vendor in Vendor::ALL {
            assert_eq!(Vendor::parse(vendor.as_str()), Some(vendor));
        }
        assert_eq!(Vendor::parse("cisco"), None);
    }
}
