//! What gateways send us: kept as it came, before anything is made of it.

use kernel::{Timestamp, id::ids::CallbackId};

/// What stands in the place of a callback's body once it was forgotten whose payment it was about. Nothing is made of it
/// again.
pub const FORGOTTEN: &[u8] = b"forgotten";

/// What was made of a stored callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackStatus {
    /// Stored, not looked at.
    Received,
    /// It changed a payment.
    Applied,
    /// It told nothing new.
    Ignored,
    /// It names no payment that we know, yet.
    Unmatched,
    /// It cannot be read.
    Unreadable,
}

impl CallbackStatus {
    /// Every status.
    pub const ALL: [Self; 5] =
        [Self::Received, Self::Applied, Self::Ignored, Self::Unmatched, Self::Unreadable];

    /// The status as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Applied => "applied",
            Self::Ignored => "ignored",
            Self::Unmatched => "unmatched",
            Self::Unreadable => "unreadable",
        }
    }

    /// Reads a stored status.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// An authenticated message from a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCallback {
    /// Names it.
    pub id: CallbackId,
    /// The gateway that sent it.
    pub gateway: String,
    /// Equal for equal messages: a hash of the body.
    pub dedupe_key: String,
    /// The body, as it came.
    pub body: Vec<u8>,
    /// What was made of it.
    pub status: CallbackStatus,
    /// Our reference in it, for finding its payment later.
    pub reference: Option<String>,
    /// The gateway's reference in it, likewise.
    pub provider_ref: Option<String>,
    /// More about its status, for people.
    pub note: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
}
