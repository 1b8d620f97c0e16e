//! What a NAS is and how it speaks.

use std::fmt;
use std::net::Ipv4Addr;

/// What a NAS says of itself, what it shares with the server, and which of the protocol it has.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// `NAS-Identifier`: RouterOS sends its own name.
    pub name: String,
    /// `NAS-IP-Address`.
    pub address: Ipv4Addr,
    /// What it and the server share.
    pub secret: String,
    /// Whether its counters come with Gigawords (RFC 2869 section 5.1). Without, they begin anew at 2^32.
    pub gigawords: bool,
    /// Whether its reports repeat the Class that the server gave, as they should (RFC 2865 section 5.25).
    pub repeats_class: bool,
    /// Whether its Access-Requests have a Message-Authenticator (RFC 3579 section 3.2), and answers to them must.
    pub message_authenticator: bool,
    /// Whether its answers to Disconnect- and CoA-Requests have a Message-Authenticator.
    pub signs_answers: bool,
    /// Whether a repeated report says how late it is: then it is another packet with another identifier
    /// (RFC 2866 section 5.2). Otherwise the same bytes are sent again.
    pub tells_delay: bool,
    /// The seconds between reports of a session for which the server names none.
    pub interim_seconds: Option<u32>,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            name: "MikroTik".to_owned(),
            address: Ipv4Addr::LOCALHOST,
            secret: "secret".to_owned(),
            gigawords: true,
            repeats_class: true,
            message_authenticator: true,
            signs_answers: false,
            tells_delay: false,
            interim_seconds: None,
        }
    }
}

// By hand, because of the secret.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("name", &self.name)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
