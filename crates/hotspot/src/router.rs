//! A router that hotspot users live on, or what stands for RADIUS among the routers of a site: one more way to have
//! credentials enforced.

use std::{fmt, str::FromStr};

use kernel::{
    Sealed, Timestamp,
    id::ids::{RouterId, SiteId},
};

/// A router with a hotspot, and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Router {
    /// Names it.
    pub id: RouterId,
    /// Its name for people; no other router that is in use has it.
    pub name: String,
    /// Where it stands.
    pub site_id: SiteId,
    /// Whether new hotspot users of its site go onto it. One router per site at most.
    pub is_default: bool,
    /// Whether new hotspot users may be put onto it. Those that are on it stay, and are looked after.
    pub enabled: bool,
    /// Whether the settings of the service describe how it is reached: then they have the last word, at every
    /// start. One router per site at most.
    pub configured: bool,
    /// How it is reached.
    pub access: RouterAccess,
    /// When it was first written down.
    pub created_at: Timestamp,
    /// When it was put out of use for good. Its row stays for the history of its hotspot users.
    pub retired_at: Option<Timestamp>,
}

impl Router {
    /// What stands for RADIUS at a site. Nothing says how it is reached: it is the portal's own directory.
    #[must_use]
    pub fn for_radius(id: RouterId, name: String, site_id: SiteId, created_at: Timestamp) -> Self {
        Self {
            id,
            name,
            site_id,
            is_default: false,
            enabled: true,
            configured: false,
            access: RouterAccess {
                mode: RouterMode::Radius,
                host: String::new(),
                port: 0,
                username: String::new(),
                sealed_password: None,
                tls: RouterTls::Off,
            },
            created_at,
            retired_at: None,
        }
    }

    /// Whether new hotspot users may be put onto it.
    #[must_use]
    pub const fn takes_users(&self) -> bool {
        self.enabled && self.retired_at.is_none()
    }
}

/// How a router is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouterAccess {
    /// A real one or the fake.
    pub mode: RouterMode,
    /// A host name or an address.
    pub host: String,
    /// The port of its API: [`RouterTls::default_port`] unless an operator has changed it.
    pub port: u16,
    /// The account to sign in with.
    pub username: String,
    /// The password to sign in with, sealed for the router
    /// ([`Purpose::RouterPassword`](kernel::sealed::Purpose)). A fake needs none, a real router may have none.
    pub sealed_password: Option<Sealed>,
    /// How the connection is protected.
    pub tls: RouterTls,
}

/// Whether a router is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouterMode {
    /// Reached by the RouterOS API.
    Api,
    /// The fake in this process's journal.
    Fake,
    /// No router: the portal's RADIUS directory. One row per site stands for it, written down by the portal itself; it
    /// is no site's default, and blocks nothing.
    Radius,
}

impl RouterMode {
    /// The mode as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Fake => "fake",
            Self::Radius => "radius",
        }
    }

    /// Whether there is a router behind it, that staff describe, that blocks, and that limits open sessions.
    #[must_use]
    pub const fn is_router(self) -> bool {
        match self {
            Self::Api | Self::Fake => true,
            Self::Radius => false,
        }
    }

    /// Reads a stored mode.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Api, Self::Fake, Self::Radius].into_iter().find(|mode| mode.as_str() == text)
    }
}

impl fmt::Display for RouterMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the connection to a router is protected. A router makes its own certificate as a rule, which no authority
/// has signed: pinning its fingerprint is then the way to know that it is the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouterTls {
    /// In the clear: the password and every credential can be read on the way.
    Off,
    /// TLS; an authority that this system trusts has signed the router's certificate, and for its host.
    System,
    /// TLS; the router's certificate is this one, whoever signed it and for whatever host or time.
    Pinned(Fingerprint),
    /// TLS with whatever certificate: nobody reads along, but anybody may pose as the router.
    Unchecked,
}

impl RouterTls {
    /// The kind of protection as it is stored and sent, without the fingerprint.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::System => "system",
            Self::Pinned(_) => "pinned",
            Self::Unchecked => "unchecked",
        }
    }

    /// The certificate that it wants, when it wants a certain one.
    #[must_use]
    pub const fn fingerprint(self) -> Option<Fingerprint> {
        match self {
            Self::Pinned(fingerprint) => Some(fingerprint),
            Self::Off | Self::System | Self::Unchecked => None,
        }
    }

    /// Puts a kind and, for `pinned` alone, a fingerprint together.
    #[must_use]
    pub fn parse(kind: &str, fingerprint: Option<Fingerprint>) -> Option<Self> {
        match (kind, fingerprint) {
            ("off", None) => Some(Self::Off),
            ("system", None) => Some(Self::System),
            ("pinned", Some(fingerprint)) => Some(Self::Pinned(fingerprint)),
            ("unchecked", None) => Some(Self::Unchecked),
            _ => None,
        }
    }

    /// The port of a router's API service: 8728 (`api`) in the clear, 8729 (`api-ssl`) with TLS.
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Off => 8728,
            Self::System | Self::Pinned(_) | Self::Unchecked => 8729,
        }
    }
}

/// The SHA-256 of a certificate in DER, as `/certificate print detail` on the router shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

/// A text is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons")]
pub struct NotAFingerprint;

impl Fingerprint {
    /// The fingerprint of these bytes.
    #[must_use]
    pub const fn new(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    fn from_str(text: &str) -> Result<Self, NotAFingerprint> {
        let digits: String = text.trim().chars().filter(|character| *character != ':').collect();
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| NotAFingerprint)?;
        Ok(Self(bytes))
    }
}

/// 64 hexadecimal digits in lower case.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, NotAFingerprint, RouterTls};

    #[test]
    fn a_fingerprint_reads_back_with_colons_and_without() {
        let plain = "0a".repeat(32);
        let fingerprint: Fingerprint = plain.parse().unwrap();
        assert_eq!(fingerprint.to_string(), plain);
        let with_colons = vec!["0A"; 32].join(":");
        assert_eq!(with_colons.parse(), Ok(fingerprint));
        for wrong in ["", "0a", &plain[1..], &"0g".repeat(32), &"0a".repeat(33)] {
            assert_eq!(wrong.parse::<Fingerprint>(), Err(NotAFingerprint), "{wrong}");
        }
    }

    #[test]
    fn a_protection_reads_back_and_only_pinning_has_a_fingerprint() {
        let fingerprint = Fingerprint::new([7; 32]);
        for tls in [RouterTls::Off, RouterTls::System, RouterTls::Pinned(fingerprint), RouterTls::Unchecked] {
            assert_eq!(RouterTls::parse(tls.as_str(), tls.fingerprint()), Some(tls));
        }
        assert_eq!(RouterTls::parse("pinned", None), None);
        assert_eq!(RouterTls::parse("system", Some(fingerprint)), None);
        assert_eq!(RouterTls::parse("", None), None);
    }

    #[test]
    fn the_port_follows_the_protection() {
        assert_eq!(RouterTls::Off.default_port(), 8728);
        assert_eq!(RouterTls::System.default_port(), 8729);
    }
}
