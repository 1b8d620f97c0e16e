//! The secret with which an account signs in to the Wi-Fi, as far as identity knows of it.
//!
//! RADIUS compares what a device sends with a secret that it must be able to read (RFC 2865, section 2.2), so the
//! portal's hash is of no use to it. Identity seals the secret at the moments at which it sees it and tells it in
//! events; whoever lets people into the Wi-Fi keeps it. Identity keeps only where it comes from.

/// The longest password that PAP carries, in bytes (RFC 2865, section 5.2).
pub const MAX_BYTES: usize = 128;

/// Where the Wi-Fi secret of an account comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WifiSecret {
    /// The account was made before the portal told its secret; the next sign-in with the password will.
    Unknown,
    /// It is the portal's password and changes with it.
    Password,
    /// It is one of its own.
    Own,
}

impl WifiSecret {
    /// Every origin.
    pub const ALL: [Self; 3] = [Self::Unknown, Self::Password, Self::Own];

    /// The name as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Password => "shared",
            Self::Own => "own",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::WifiSecret;

    #[test]
    fn every_name_is_read_back() {
        for origin in WifiSecret::ALL {
            assert_eq!(WifiSecret::parse(origin.as_str()), Some(origin));
        }
    }
}
