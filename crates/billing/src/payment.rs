//! Payments: one attempt to pay an order, and everything that may become of it.

use std::net::IpAddr;

use kernel::{
    Money, Msisdn, Timestamp,
    id::ids::{OrderId, PaymentId, UserId},
    money::MoneyError,
};
use uuid::Uuid;

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentStatus {
    /// Written down; the gateway has not been called.
    Created,
    /// The gateway may have been called.
    Submitting,
    /// The gateway has it and waits for the customer's PIN.
    Pending,
    /// Nobody can tell whether the gateway has it.
    Unknown,
    /// Success is claimed, but something about it is wrong: a person decides.
    Held,
    /// The money has arrived. Final: money back is a refund.
    Success,
    /// The gateway said no. A late success still counts.
    Failed,
    /// The time to pay is over. A late success still counts.
    Expired,
    /// Given up before it was sent. A late success still counts.
    Cancelled,
}

impl PaymentStatus {
    /// Every status.
    pub const ALL: [Self; 9] = [
        Self::Created,
        Self::Submitting,
        Self::Pending,
        Self::Unknown,
        Self::Held,
        Self::Success,
        Self::Failed,
        Self::Expired,
        Self::Cancelled,
    ];

    /// The statuses of which an order has at most one payment.
    pub const OPEN: [Self; 4] = [Self::Created, Self::Submitting, Self::Pending, Self::Unknown];

    /// The status as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Submitting => "submitting",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::Held => "held",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a stored status.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// The one table of legal moves. A move from `Failed`, `Expired` or `Cancelled` needs authenticated
    /// evidence, one from `Held` a person's decision.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use PaymentStatus::{
            Cancelled, Created, Expired, Failed, Held, Pending, Submitting, Success, Unknown,
        };
        match self {
            Created => matches!(next, Submitting | Cancelled | Expired | Held),
            // Back to `Created` only when the gateway was certainly not reached.
            Submitting => matches!(next, Created | Pending | Failed | Unknown | Success | Held),
            Pending => matches!(next, Success | Failed | Expired | Held | Unknown),
            Unknown => matches!(next, Pending | Success | Failed | Expired | Held),
            Failed | Expired | Cancelled => matches!(next, Success | Held),
            Held => matches!(next, Success | Failed),
            Success => false,
        }
    }

    /// Whether the payment may still bring money by itself or by a decision: while one is live its order takes
    /// no other and does not end.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Created | Self::Submitting | Self::Pending | Self::Unknown | Self::Held)
    }
}

/// A mobile money operator, by the code that gateways in DR Congo use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Airtel Money.
    Airtel,
    /// Orange Money.
    Orange,
    /// M-Pesa (Vodacom).
    Mpesa,
    /// Afrimoney (Africell).
    Afrimoney,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 4] = [Self::Airtel, Self::Orange, Self::Mpesa, Self::Afrimoney];

    /// The two-letter code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Airtel => "AM",
            Self::Orange => "OM",
            Self::Mpesa => "MP",
            Self::Afrimoney => "AF",
        }
    }

    /// Reads a two-letter code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str() == text)
    }
}

/// The mobile money wallet of a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wallet {
    /// The phone that is asked to pay; none once it was forgotten whose it is.
    pub phone: Option<Msisdn>,
    /// The operator that keeps it.
    pub operator: Operator,
}

/// How a payment is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// A gateway asks a wallet.
    MobileMoney,
    /// From what we owe the customer.
    Credit,
    /// With a voucher, whose price somebody has taken.
    Voucher,
    /// By an agent, who has taken the price over the counter.
    Agent,
}

impl Means {
    /// The means that are not a gateway's. None of them takes any time: such a payment is there when it has succeeded.
    pub const OWN: [Self; 3] = [Self::Credit, Self::Voucher, Self::Agent];

    /// The word as it is sent; of our own means also what a payment has in the place of a gateway's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MobileMoney => "mobile_money",
            Self::Credit => "credit",
            Self::Voucher => "voucher",
            Self::Agent => "agent",
        }
    }
}

/// One attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Names it.
    pub id: PaymentId,
    /// The order it pays.
    pub order_id: OrderId,
    /// The account that asked for it.
    pub user_id: Option<UserId>,
    /// The gateway it goes through, or the name of our own means.
    pub gateway: String,
    /// Our name for it towards the gateway: random, so that it tells nothing.
    pub reference: Uuid,
    /// The gateway's name for it, once known.
    pub provider_ref: Option<String>,
    /// The wallet that is asked; none where no gateway is.
    pub wallet: Option<Wallet>,
    /// How much.
    pub amount: Money,
    /// How much came in, once it has succeeded.
    pub received: Option<Money>,
    /// How much of that has gone back, or is on its way or meant to be.
    pub refunded: Money,
    /// Where it stands.
    pub status: PaymentStatus,
    /// Whether its success came after it had been given up.
    pub late: bool,
    /// Why it failed or is held, as a stable word.
    pub reason: Option<String>,
    /// Where it was asked for.
    pub ip: Option<IpAddr>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the customer's time to pay ends.
    pub expires_at: Timestamp,
    /// When it came to an end, if it has.
    pub settled_at: Option<Timestamp>,
    /// When reconciliation looks at it next.
    pub next_check_at: Option<Timestamp>,
    /// How often reconciliation has looked at it.
    pub checks: u32,
}

impl Payment {
    /// How it is made.
    #[must_use]
    pub fn means(&self) -> Means {
        let own = Means::OWN.into_iter().find(|means| means.as_str() == self.gateway);
        own.unwrap_or(Means::MobileMoney)
    }

    /// The phone that is asked to pay; none where no wallet is, or where it was forgotten.
    #[must_use]
    pub fn phone(&self) -> Option<&Msisdn> {
        self.wallet.as_ref()?.phone.as_ref()
    }

    /// How much of it may still go back; nothing before it has succeeded.
    ///
    /// # Errors
    /// [`MoneyError`] when amounts do not belong together.
    pub fn refundable(&self) -> Result<Money, MoneyError> {
        let received = self.received.unwrap_or_else(|| Money::zero(self.amount.currency()));
        received.checked_add(self.refunded.checked_neg()?)
    }
}

/// A change of a payment's status, with what is kept about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentMove {
    /// The payment.
    pub payment_id: PaymentId,
    /// The status it must have.
    pub from: PaymentStatus,
    /// The status it gets.
    pub to: PaymentStatus,
    /// Why, as a stable word.
    pub reason: String,
    /// By whom: an actor's text.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Evidence, as a person gave it.
    pub evidence: Option<String>,
}

/// When reconciliation looks at a payment again, after it has looked `checks` times: soon at first, then ever
/// more rarely. `None` when it will not look again by itself.
#[must_use]
pub fn next_check(status: PaymentStatus, checks: u32, now: Timestamp) -> Option<Timestamp> {
    let minutes: &[i64] = match status {
        PaymentStatus::Created | PaymentStatus::Submitting | PaymentStatus::Pending => &[1, 2, 5, 15],
        PaymentStatus::Unknown => &[1, 5, 15, 60, 360],
        _ => return None,
    };
    let rare = if status == PaymentStatus::Unknown { 24 * 60 } else { 60 };
    let index = usize::try_from(checks).unwrap_or(usize::MAX);
    Some(now + chrono::Duration::minutes(minutes.get(index).copied().unwrap_or(rare)))
}

#[cfg(test)]
mod tests {
    use super::{Operator, PaymentStatus, next_check};

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(
            PaymentStatus::ALL.iter().all(|status| PaymentStatus::parse(status.as_str()) == Some(*status))
        );
        assert!(Operator::ALL.iter().all(|operator| Operator::parse(operator.as_str()) == Some(*operator)));
    }

    #[test]
    fn nothing_leaves_success() {
        assert!(PaymentStatus::ALL.iter().all(|next| !PaymentStatus::Success.may_become(*next)));
    }

    #[test]
    fn a_given_up_payment_can_only_succeed_or_be_held() {
        for from in [PaymentStatus::Failed, PaymentStatus::Expired, PaymentStatus::Cancelled] {
            for next in PaymentStatus::ALL {
                let allowed = matches!(next, PaymentStatus::Success | PaymentStatus::Held);
                assert_eq!(from.may_become(next), allowed, "{from:?} to {next:?}");
            }
        }
    }

    #[test]
    fn checks_grow_rarer_and_end_with_the_payment() {
        let now = chrono::DateTime::UNIX_EPOCH;
        let mut last = now;
        for checks in 0..8 {
            let next = next_check(PaymentStatus::Unknown, checks, now).unwrap();
            assert!(next >= last);
            last = next;
        }
        assert_eq!(next_check(PaymentStatus::Success, 0, now), None);
    }
}
