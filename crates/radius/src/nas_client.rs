//! Who may ask the RADIUS server: routers and access points, each with the secret that it shares with the server.

use std::net::IpAddr;

use kernel::{
    Sealed, Timestamp,
    id::ids::{NasClientId, RouterId, SiteId},
};

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
