//! Units: one set of credentials that a paid order owes. Billing knows its number and status; the credentials
//! themselves belong to whoever makes them.

use kernel::{
    Timestamp,
    id::ids::{OrderId, UnitId},
};

/// Where a unit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnitStatus {
    /// Owed; nobody has begun.
    Queued,
    /// Being made.
    Provisioning,
    /// Ready for use.
    Active,
    /// Could not be made; a person has to look.
    Failed,
    /// Not owed any more: its price goes back. Final.
    Withdrawn,
}

impl UnitStatus {
    /// Every status.
    pub const ALL: [Self; 5] =
        [Self::Queued, Self::Provisioning, Self::Active, Self::Failed, Self::Withdrawn];

    /// The status as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Failed => "failed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads a stored status.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// The statuses from which a unit may come to this one. Events may arrive in any order, so that being ready
    /// overtakes having begun.
    #[must_use]
    pub const fn reached_from(self) -> &'static [Self] {
        match self {
            Self::Queued => &[],
            Self::Provisioning => &[Self::Queued, Self::Failed],
            Self::Active => &[Self::Queued, Self::Provisioning, Self::Failed],
            Self::Failed => &[Self::Queued, Self::Provisioning],
            Self::Withdrawn => &[Self::Queued, Self::Provisioning, Self::Active, Self::Failed],
        }
    }
}

/// One set of credentials that is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Names it.
    pub id: UnitId,
    /// The order that owes it.
    pub order_id: OrderId,
    /// Its place in the order, from 1.
    pub number: u32,
    /// Where it stands.
    pub status: UnitStatus,
    /// Why it failed.
    pub failure: Option<String>,
    /// When it was ready.
    pub activated_at: Option<Timestamp>,
    /// When a message with the credentials first left for the customer.
    pub credentials_sent_at: Option<Timestamp>,
}
