//! RADIUS attributes as FreeRADIUS's tables spell them.

/// One attribute with its value, by the names of FreeRADIUS's dictionaries.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attribute {
    /// The name in the dictionary, such as `Session-Timeout`.
    pub name: &'static str,
    /// The value as text.
    pub value: String,
}

impl Attribute {
    /// An attribute with a value that has a text form.
    #[must_use]
    pub fn new(name: &'static str, value: impl ToString) -> Self {
        Self { name, value: value.to_string() }
    }

    /// Whether its value is a password, or the hash of one.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.name.ends_with("-Password")
    }
}

// The value of some is a password: a debug print does not show it.
impl std::fmt::Debug for Attribute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = if self.is_secret() { "…" } else { &self.value };
        write!(f, "{} := {value}", self.name)
    }
}

/// The longest time that a session may take, in seconds; sent with every accept (RFC 2865, section 5.27).
pub const SESSION_TIMEOUT: &str = "Session-Timeout";
/// A session without traffic ends after so many seconds (RFC 2865, section 5.28).
pub const IDLE_TIMEOUT: &str = "Idle-Timeout";
/// How often a NAS reports, in seconds (RFC 2869, section 5.16).
pub const ACCT_INTERIM_INTERVAL: &str = "Acct-Interim-Interval";
/// What a person is told (RFC 2865, section 5.18).
pub const REPLY_MESSAGE: &str = "Reply-Message";
/// MikroTik's rates as `rx/tx`: rx is what the router receives, the customer's upload.
pub const MIKROTIK_RATE_LIMIT: &str = "Mikrotik-Rate-Limit";
/// The low 32 bits of the bytes that a session may use, both directions together.
pub const MIKROTIK_TOTAL_LIMIT: &str = "Mikrotik-Total-Limit";
/// Its high 32 bits.
pub const MIKROTIK_TOTAL_LIMIT_GIGAWORDS: &str = "Mikrotik-Total-Limit-Gigawords";
/// The upload rate in bits per second.
pub const WISPR_BANDWIDTH_MAX_UP: &str = "WISPr-Bandwidth-Max-Up";
/// The download rate in bits per second.
pub const WISPR_BANDWIDTH_MAX_DOWN: &str = "WISPr-Bandwidth-Max-Down";
/// The upload rate in kilobits per second.
pub const CHILLISPOT_BANDWIDTH_MAX_UP: &str = "ChilliSpot-Bandwidth-Max-Up";
/// The download rate in kilobits per second.
pub const CHILLISPOT_BANDWIDTH_MAX_DOWN: &str = "ChilliSpot-Bandwidth-Max-Down";
/// The low 32 bits of the bytes that a session may use, both directions together.
pub const CHILLISPOT_MAX_TOTAL_OCTETS: &str = "ChilliSpot-Max-Total-Octets";
/// Its high 32 bits: `ChilliSpot-Max-Total-Gigawords`, vendor 14559, type 23. It goes by its numbers and as
/// hexadecimal octets, since FreeRADIUS's own dictionary does not have its name, and rejects a user with a name that
/// it does not know.
pub const CHILLISPOT_MAX_TOTAL_GIGAWORDS: &str = "Attr-26.14559.23";
/// The upload rate in bits per second.
pub const PFSENSE_BANDWIDTH_MAX_UP: &str = "pfSense-Bandwidth-Max-Up";
/// The download rate in bits per second.
pub const PFSENSE_BANDWIDTH_MAX_DOWN: &str = "pfSense-Bandwidth-Max-Down";
/// The bytes that a session may use, in 32 bits: there is no attribute for more.
pub const PFSENSE_MAX_TOTAL_OCTETS: &str = "pfSense-Max-Total-Octets";

/// Every attribute that can be in an answer: a server must be able to send them.
pub const REPLIES: [&str; 16] = [
    SESSION_TIMEOUT,
    IDLE_TIMEOUT,
    ACCT_INTERIM_INTERVAL,
    REPLY_MESSAGE,
    MIKROTIK_RATE_LIMIT,
    MIKROTIK_TOTAL_LIMIT,
    MIKROTIK_TOTAL_LIMIT_GIGAWORDS,
    WISPR_BANDWIDTH_MAX_UP,
    WISPR_BANDWIDTH_MAX_DOWN,
    CHILLISPOT_BANDWIDTH_MAX_UP,
    CHILLISPOT_BANDWIDTH_MAX_DOWN,
    CHILLISPOT_MAX_TOTAL_OCTETS,
    CHILLISPOT_MAX_TOTAL_GIGAWORDS,
    PFSENSE_BANDWIDTH_MAX_UP,
    PFSENSE_BANDWIDTH_MAX_DOWN,
    PFSENSE_MAX_TOTAL_OCTETS,
];
