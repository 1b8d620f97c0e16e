//! Refunds: money of a successful payment that goes back, in full or in part.
//!
//! What is asked for is reserved on its payment at once, so that no two refunds together give back more than came in. Only
//! what certainly has not gone back is released again: an outcome that nobody knows stays reserved until somebody does.

use kernel::{
    Currency, Money, Timestamp,
    id::ids::{OrderId, PaymentId, RefundId},
};
use uuid::Uuid;

use crate::{payment::Means, task::TaskKind};

pub mod lines;
pub mod owed;

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundStatus {
    /// Asked for; a second person has to approve it.
    Requested,
    /// To be paid out.
    Approved,
    /// The gateway may have been called.
    Submitting,
    /// The gateway has it and pays it out.
    Pending,
    /// Nobody can tell whether the gateway has it.
    Unknown,
    /// The money has gone back. Final.
    Success,
    /// The money has not gone back, and will not. Final: another refund may be asked for.
    Failed,
    /// It was not approved. Final.
    Rejected,
}

impl RefundStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Requested,
        Self::Approved,
        Self::Submitting,
        Self::Pending,
        Self::Unknown,
        Self::Success,
        Self::Failed,
        Self::Rejected,
    ];

    /// The status as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Submitting => "submitting",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
        }
    }

    /// Reads a stored status.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// The one table of legal moves. A move from `Unknown` needs the gateway's word or a person's.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use RefundStatus::{Approved, Failed, Pending, Rejected, Submitting, Success, Unknown};
        match self {
            Self::Requested => matches!(next, Approved | Rejected),
            Approved => matches!(next, Submitting | Success | Failed),
            // Back to `Approved` only when the gateway was certainly not reached.
            Submitting => matches!(next, Approved | Pending | Unknown | Success | Failed),
            Pending => matches!(next, Unknown | Success | Failed),
            Unknown => matches!(next, Pending | Success | Failed),
            Success | Failed | Rejected => false,
        }
    }

    /// Whether nothing more becomes of it.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::Rejected)
    }

    /// Whether its amount is reserved on its payment.
    #[must_use]
    pub const fn holds(self) -> bool {
        !matches!(self, Self::Failed | Self::Rejected)
    }
}

/// How money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundWay {
    /// The gateway that has collected it pays it into the wallet that has paid.
    Gateway,
    /// Staff pay it in cash, and say so.
    Cash,
    /// Staff pay it out of the account at the gateway, by its own pages, and say so.
    Transfer,
    /// It becomes credit of the customer, at once.
    Credit,
    /// It goes into the wallet of the agent who has sold, who gives it to the customer, at once.
    AgentWallet,
}

impl RefundWay {
    /// Every way.
    pub const ALL: [Self; 5] = [Self::Gateway, Self::Cash, Self::Transfer, Self::Credit, Self::AgentWallet];

    /// The way as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Cash => "cash",
            Self::Transfer => "transfer",
            Self::Credit => "credit",
            Self::AgentWallet => "agent_wallet",
        }
    }

    /// Reads a stored way.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text)
    }

    /// The way that money goes back if nobody says another: the one that it came. None where staff have to choose.
    #[must_use]
    pub const fn usual(means: Means, gateway_gives_back: bool) -> Option<Self> {
        match means {
            Means::MobileMoney if gateway_gives_back => Some(Self::Gateway),
            Means::MobileMoney | Means::Voucher => None,
            Means::Credit => Some(Self::Credit),
            Means::Agent => Some(Self::AgentWallet),
        }
    }

    /// Whether it is staff who pay, and say when they have.
    #[must_use]
    pub const fn is_manual(self) -> bool {
        matches!(self, Self::Cash | Self::Transfer)
    }
}

/// Money that goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Names it.
    pub id: RefundId,
    /// The payment whose money it is.
    pub payment_id: PaymentId,
    /// That payment's order.
    pub order_id: OrderId,
    /// How much, tax included.
    pub amount: Money,
    /// The tax in it, which goes back with it.
    pub tax: Money,
    /// How it goes back.
    pub way: RefundWay,
    /// The numbers of the units that are not owed any more with it.
    pub units: Vec<u32>,
    /// Whether they are withdrawn though they were used.
    pub even_if_used: bool,
    /// Why, in staff's words.
    pub reason: String,
    /// Our name for it towards the gateway: random, so that it tells nothing.
    pub reference: Uuid,
    /// The gateway's name for it, once known.
    pub provider_ref: Option<String>,
    /// Where it stands.
    pub status: RefundStatus,
    /// Who asked for it: an actor's text.
    pub requested_by: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it came to an end, if it has.
    pub settled_at: Option<Timestamp>,
}

impl Refund {
    /// Which task ends when it moves on from where it stands.
    #[must_use]
    pub const fn task(&self) -> Option<TaskKind> {
        match self.status {
            RefundStatus::Requested => Some(TaskKind::RefundToApprove),
            RefundStatus::Approved if self.way.is_manual() => Some(TaskKind::RefundToPay),
            RefundStatus::Unknown => Some(TaskKind::RefundUnknown),
            RefundStatus::Approved
            | RefundStatus::Submitting
            | RefundStatus::Pending
            | RefundStatus::Success
            | RefundStatus::Failed
            | RefundStatus::Rejected => None,
        }
    }
}

/// A change of a refund's status, with what is kept about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundMove {
    /// The refund.
    pub refund_id: RefundId,
    /// The status it must have.
    pub from: RefundStatus,
    /// The status it gets.
    pub to: RefundStatus,
    /// Why, as a stable word.
    pub reason: String,
    /// By whom: an actor's text.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Evidence, as a person gave it; or what the gateway said.
    pub evidence: Option<String>,
}

/// Up to how much of one payment one person alone may give back. More, in one part or in many, needs a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FourEyes {
    /// In Congolese centimes.
    pub cdf: i64,
    /// In cents of a dollar.
    pub usd: i64,
}

impl FourEyes {
    /// Whether it needs a second person's word that so much of a payment goes back in all.
    #[must_use]
    pub const fn are_needed(self, amount: Money) -> bool {
        let alone = match amount.currency() {
            Currency::Cdf => self.cdf,
            Currency::Usd => self.usd,
        };
        amount.minor() > alone
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Currency, Money};

    use super::{FourEyes, RefundStatus, RefundWay};
    use crate::payment::Means;

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(RefundStatus::ALL.iter().all(|status| RefundStatus::parse(status.as_str()) == Some(*status)));
        assert!(RefundWay::ALL.iter().all(|way| RefundWay::parse(way.as_str()) == Some(*way)));
    }

    #[test]
    fn what_has_ended_never_moves_again() {
        for from in [RefundStatus::Success, RefundStatus::Failed, RefundStatus::Rejected] {
            assert!(RefundStatus::ALL.iter().all(|next| !from.may_become(*next)), "{from:?}");
        }
    }

    #[test]
    fn what_may_have_been_sent_is_never_sent_again() {
        use RefundStatus::{Approved, Pending, Submitting, Unknown};
        for from in [Pending, Unknown] {
            assert!(!from.may_become(Approved) && !from.may_become(Submitting), "{from:?}");
        }
    }

    #[test]
    fn money_goes_back_as_it_came() {
        assert_eq!(RefundWay::usual(Means::MobileMoney, true), Some(RefundWay::Gateway));
        assert_eq!(RefundWay::usual(Means::MobileMoney, false), None);
        assert_eq!(RefundWay::usual(Means::Agent, false), Some(RefundWay::AgentWallet));
    }

    #[test]
    fn a_second_person_is_asked_above_the_limit() {
        let alone = FourEyes { cdf: 5_000, usd: 200 };
        assert!(!alone.are_needed(Money::from_minor(5_000, Currency::Cdf)));
        assert!(alone.are_needed(Money::from_minor(5_001, Currency::Cdf)));
        assert!(alone.are_needed(Money::from_minor(201, Currency::Usd)));
    }
}
