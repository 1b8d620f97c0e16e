//! The kinds of value that only settings have. Each is read from text and says what it wants instead when the
//! text does not fit.

use std::str::FromStr;

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

/// Who answers RADIUS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RadiusMode {
    /// FreeRADIUS, which reads and writes the portal's database.
    FreeRadius,
    /// The portal itself.
    Embedded,
    /// Nobody.
    Off,
}

impl FromStr for RadiusMode {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "freeradius" => Ok(Self::FreeRadius),
            "embedded" => Ok(Self::Embedded),
            "off" => Ok(Self::Off),
            _ => Err("expected freeradius, embedded or off"),
        }
    }
}

/// A program and its arguments. Nothing in it is expanded: there is no shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argv(pub Vec<String>);

impl FromStr for Argv {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        match words.first() {
            Some(program) if program.starts_with('/') => Ok(Self(words)),
            _ => Err("expected the absolute path of a program, and its arguments with blanks between them"),
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

    /// The host, with its port where one is given.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.split_once("://").map_or("", |(_, authority)| authority)
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

/// Where another service is: `http://` or `https://`, a host, perhaps a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceUrl(String);

impl ServiceUrl {
    /// The URL without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ServiceUrl {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = "expected http:// or https:// with a host, without a user and without a query";
        let uri: actix_web::http::Uri = text.parse().map_err(|_| wanted)?;
        let known = uri.scheme_str().is_some_and(|scheme| matches!(scheme, "http" | "https"));
        let host = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        if known && host && uri.query().is_none() {
            Ok(Self(text.trim_end_matches('/').to_owned()))
        } else {
            Err(wanted)
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

#[cfg(test)]
mod tests {
    use super::{LongSecret, PublicUrl, SealingKey, ServiceUrl};

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
    fn a_services_url_may_have_a_path() {
        let read = |text: &str| text.parse::<ServiceUrl>().map(|url| url.as_str().to_owned());
        assert_eq!(read("https://pay.example.cd/api/v1/"), Ok("https://pay.example.cd/api/v1".to_owned()));
        assert_eq!(read("http://127.0.0.1:8790"), Ok("http://127.0.0.1:8790".to_owned()));
        for bad in ["", "pay.example.cd", "ftp://a", "https://u:p@a", "https://a/?q"] {
            assert!(read(bad).is_err(), "{bad}");
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
