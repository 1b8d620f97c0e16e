//! The kinds of value that only settings have. Each is read from text and says what it wants instead when the
//! text does not fit.

use std::{net::IpAddr, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use identity::MailDomain;
use kernel::{EmailAddress, email::NotAnEmailAddress};

/// Where the service runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// On a developer's machine.
    Development,
    /// Under test.
    Test,
    /// For customers.
    Production,
}

impl FromStr for Environment {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "development" => Ok(Self::Development),
            "test" => Ok(Self::Test),
            "production" => Ok(Self::Production),
            _ => Err("expected development, test or production"),
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// For the eye.
    Text,
}

impl FromStr for LogFormat {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err("expected json or text"),
        }
    }
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch(pub bool);

impl FromStr for Switch {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(Self(true)),
            "false" | "0" | "no" | "off" => Ok(Self(false)),
            _ => Err("expected true or false"),
        }
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounded<const MIN: u32, const MAX: u32>(pub u32);

impl<const MIN: u32, const MAX: u32> FromStr for Bounded<MIN, MAX> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse()
            .ok()
            .filter(|number| (MIN..=MAX).contains(number))
            .map(Self)
            .ok_or_else(|| format!("expected a whole number from {MIN} to {MAX}"))
    }
}

/// Where people reach the portal: `http://` or `https://`, a host, perhaps a port, no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The URL without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is reached by TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = "expected http:// or https:// with a host and no path";
        let uri: actix_web::http::Uri = text.trim_end_matches('/').parse().map_err(|_| wanted)?;
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"));
        let host = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
        match (scheme, host) {
            (Some(scheme), Some(host)) if bare => Ok(Self(format!("{scheme}://{host}"))),
            _ => Err(wanted),
        }
    }
}

/// A database that the service can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatabaseUrl;

impl FromStr for DatabaseUrl {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = ["sqlite:", "postgres://", "postgresql://"];
        if known.iter().any(|scheme| text.starts_with(scheme)) {
            Ok(Self)
        } else {
            Err("expected sqlite://… or postgres://…; no other database is supported")
        }
    }
}

/// A key that seals: 32 bytes in standard base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealingKey;

impl FromStr for SealingKey {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match BASE64.decode(text.trim()) {
            Ok(bytes) if bytes.len() == 32 => Ok(Self),
            _ => Err("expected 32 bytes in base64; `openssl rand -base64 32` makes such a key"),
        }
    }
}

/// A secret that is too long to be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LongSecret;

impl FromStr for LongSecret {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() < 16 {
            return Err("expected at least 16 characters");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("expected visible ASCII characters without spaces");
        }
        Ok(Self)
    }
}

/// The beginning of every hotspot username.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsernamePrefix(pub String);

impl FromStr for UsernamePrefix {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if fits { Ok(Self(text.to_owned())) } else { Err("expected 1 to 8 letters or digits") }
    }
}

/// A domain that email addresses can be made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailDomainName;

impl FromStr for MailDomainName {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        MailDomain::parse(text).map(|_| Self).map_err(|_| "expected a domain name such as univ.ac.cd")
    }
}

/// The address that messages come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderAddress(pub EmailAddress);

impl FromStr for SenderAddress {
    type Err = NotAnEmailAddress;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        EmailAddress::parse(text).map(Self)
    }
}

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// Whether a proxy at this address is one of them.
    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

impl FromStr for TrustedProxies {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let networks = text.split(',').map(|part| part.trim().parse());
        networks.collect::<Result<_, _>>().map(Self)
    }
}

/// An address, or a network in CIDR notation (RFC 4632).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        let differing = match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                u128::from(network.to_bits() ^ address.to_bits()) << 96
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => network.to_bits() ^ address.to_bits(),
            _ => return false,
        };
        differing.leading_zeros() >= u32::from(self.prefix)
    }
}

impl FromStr for Network {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = || format!("`{text}` is not an address or a network such as 10.0.0.0/8");
        let (address, prefix) =
            text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| wanted())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(longest), str::parse).map_err(|_| wanted())?;
        if prefix > longest {
            return Err(wanted());
        }
        Ok(Self { address, prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::{LongSecret, PublicUrl, SealingKey, TrustedProxies};

    #[test]
    fn a_public_url_has_a_host_and_no_path() {
        let read = |text: &str| text.parse::<PublicUrl>().map(|url| url.as_str().to_owned());
        assert_eq!(read("https://wifi.example.cd/"), Ok("https://wifi.example.cd".to_owned()));
        assert_eq!(read("http://127.0.0.1:8080"), Ok("http://127.0.0.1:8080".to_owned()));
        for bad in ["", "wifi.example.cd", "ftp://a", "https://", "https://a/b", "https://u:p@a"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn proxies_are_trusted_by_address_and_by_network() {
        let proxies: TrustedProxies = "127.0.0.1, 10.0.0.0/8,fd00::/8,192.168.7.64/26".parse().unwrap();
        for (address, trusted) in [
            ("127.0.0.1", true),
            ("127.0.0.2", false),
            ("10.255.0.1", true),
            ("11.0.0.1", false),
            ("::ffff:10.1.2.3", true),
            ("fd12::1", true),
            ("fe80::1", false),
            ("192.168.7.127", true),
            ("192.168.7.128", false),
        ] {
            assert_eq!(proxies.contain(address.parse().unwrap()), trusted, "{address}");
        }
        assert!(!TrustedProxies::default().contain("127.0.0.1".parse().unwrap()));
        assert!("0.0.0.0/0".parse::<TrustedProxies>().unwrap().contain("8.8.8.8".parse().unwrap()));
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "localhost"] {
            assert!(bad.parse::<TrustedProxies>().is_err(), "{bad}");
        }
    }

    #[test]
    fn weak_secrets_are_refused() {
        assert!("short".parse::<LongSecret>().is_err());
        assert!("sixteen letters!".parse::<LongSecret>().is_err());
        assert!("sixteen-letters!".parse::<LongSecret>().is_ok());
        assert!("c2hvcnQ=".parse::<SealingKey>().is_err());
    }
}
