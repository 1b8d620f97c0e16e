//! Email addresses.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An email address: one `@`, a local part of at most 64 and a whole of at most 254 characters (RFC 5321,
/// section 4.5.3.1), lower-cased so that equal addresses compare equal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// The text is not an email address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an email address")]
pub struct NotAnEmailAddress;

impl EmailAddress {
    /// Reads an address. Quoted local parts and comments are not accepted.
    ///
    /// # Errors
    /// [`NotAnEmailAddress`].
    pub fn parse(text: &str) -> Result<Self, NotAnEmailAddress> {
        let address = text.trim().to_lowercase();
        let (local, domain) = address.split_once('@').ok_or(NotAnEmailAddress)?;
        let plain = |character: char| {
            !character.is_whitespace() && !character.is_control() && !"@\"(),:;<>[\\]".contains(character)
        };
        let label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let local_fits = (1..=64).contains(&local.len())
            && local.chars().all(plain)
            && !local.starts_with('.')
            && !local.ends_with('.');
        let domain_fits = domain.contains('.') && domain.split('.').all(label);
        if local_fits && domain_fits && address.len() <= 254 {
            Ok(Self(address))
        } else {
            Err(NotAnEmailAddress)
        }
    }

    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// An address is personal data: a debug print shows its domain alone.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…@{}", self.0.split_once('@').map_or("", |(_, domain)| domain))
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = NotAnEmailAddress;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use super::EmailAddress;

    #[test]
    fn addresses_are_told_from_other_text() {
        for good in ["a@b.cd", "Jean.Kabila+wifi@Univ.ac.cd", "x_y@demo.test"] {
            assert!(EmailAddress::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@",
            "@b.cd",
            "a@b",
            "a b@c.cd",
            "a@b..cd",
            "a@-b.cd",
            "a@@b.cd",
            "a@b.cd\r\nBcc: x@y.zz",
        ] {
            assert!(EmailAddress::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(EmailAddress::parse("A@B.CD").map(|a| a.to_string()).as_deref(), Ok("a@b.cd"));
    }
}
