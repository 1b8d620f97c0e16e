//! The ledger: append-only double entry. Every posting balances, and each source posts once. What we owe to one person
//! has an account of its own, which never goes below nothing.

use std::fmt;

use kernel::{Currency, Money, Timestamp, id::ids::UserId, money::MoneyError};
use uuid::Uuid;

use crate::agent::AgentTransfer;

/// Where money is, or what it is owed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// What gateways have collected for us.
    GatewayClearing,
    /// What was sold, without tax.
    Revenue,
    /// What of that has gone back, or is owed back, without tax.
    Refunds,
    /// What is owed back and was not paid out yet.
    RefundsOwed,
    /// The tax in what was sold, which is owed to the tax office.
    TaxPayable,
    /// What we owe to customers without an account who paid too often.
    CustomerCredit,
    /// What we owe to this customer, who may pay with it.
    CreditOf(UserId),
    /// What whoever sells vouchers has taken for those that were redeemed, and has to hand over. Vouchers that an agent has
    /// paid for and nobody has redeemed yet stand against it.
    VoucherClearing,
    /// What this agent has paid in advance, to sell out of it.
    AgentWallet(UserId),
    /// What agents have kept of what they have sold.
    AgentCommission,
    /// What was taken in cash, less what was given back.
    Cash,
    /// Money whose meaning is not clear yet.
    Suspense,
    /// What gateways keep for their work.
    Fees,
}

impl Account {
    /// Every account that is not one person's.
    const SHARED: [Self; 11] = [
        Self::GatewayClearing,
        Self::Revenue,
        Self::Refunds,
        Self::RefundsOwed,
        Self::TaxPayable,
        Self::CustomerCredit,
        Self::VoucherClearing,
        Self::AgentCommission,
        Self::Cash,
        Self::Suspense,
        Self::Fees,
    ];

    /// What the account is of its kind: those of single persons have the same name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GatewayClearing => "gateway_clearing",
            Self::Revenue => "revenue",
            Self::Refunds => "refunds",
            Self::RefundsOwed => "refunds_owed",
            Self::TaxPayable => "tax_payable",
            Self::CustomerCredit | Self::CreditOf(_) => "customer_credit",
            Self::VoucherClearing => "voucher_clearing",
            Self::AgentWallet(_) => "agent_wallet",
            Self::AgentCommission => "agent_commission",
            Self::Cash => "cash",
            Self::Suspense => "suspense",
            Self::Fees => "fees",
        }
    }

    /// Whose account it is, if it is one person's. What is owed there is known at any time, and never less than nothing.
    #[must_use]
    pub const fn holder(self) -> Option<UserId> {
        match self {
            Self::CreditOf(user) | Self::AgentWallet(user) => Some(user),
            _ => None,
        }
    }

    /// Reads a stored account.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("customer_credit", holder)) => holder.parse().ok().map(Self::CreditOf),
            Some(("agent_wallet", holder)) => holder.parse().ok().map(Self::AgentWallet),
            Some(_) => None,
            None => Self::SHARED.into_iter().find(|account| account.name() == text),
        }
    }
}

/// The account as it is stored: its name, and whose it is.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        self.holder().map_or(Ok(()), |holder| write!(f, ":{holder}"))
    }
}

/// What a posting is about. One payment posts its capture and its fee once each,
/// however often that is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The capture of a payment.
    PaymentCapture(Uuid),
    /// What the gateway has kept of a payment.
    PaymentFee(Uuid),
    /// Cash to or from an agent's wallet.
    AgentTransfer(Uuid),
    /// A batch of vouchers that an agent has taken.
    VoucherSale(Uuid),
    /// Vouchers that were taken back from an agent.
    VoucherReturn(Uuid),
    /// That a refund was approved.
    RefundApproval(Uuid),
    /// That a refund was paid out.
    RefundPayout(Uuid),
    /// That an approved refund has come to nothing.
    RefundFailure(Uuid),
}

impl Source {
    /// The kind of source, as it is stored.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::PaymentCapture(_) => "payment_capture",
            Self::PaymentFee(_) => "payment_fee",
            Self::AgentTransfer(_) => "agent_transfer",
            Self::VoucherSale(_) => "voucher_sale",
            Self::VoucherReturn(_) => "voucher_return",
            Self::RefundApproval(_) => "refund_approval",
            Self::RefundPayout(_) => "refund_payout",
            Self::RefundFailure(_) => "refund_failure",
        }
    }

    /// Which one.
    #[must_use]
    pub const fn id(self) -> Uuid {
        match self {
            Self::PaymentCapture(id)
            | Self::PaymentFee(id)
            | Self::AgentTransfer(id)
            | Self::VoucherSale(id)
            | Self::VoucherReturn(id)
            | Self::RefundApproval(id)
            | Self::RefundPayout(id)
            | Self::RefundFailure(id) => id,
        }
    }
}

/// One line of a posting: debits are positive, credits negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The account.
    pub account: Account,
    /// The amount.
    pub amount: Money,
}

/// Lines that belong together and add up to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    source: Source,
    at: Timestamp,
    lines: Vec<Line>,
}

impl Posting {
    /// The capture of a payment: what came in, and what it is credited to, part by part. A difference waits in suspense until
    /// a person has cleared it.
    ///
    /// # Errors
    /// [`MoneyError`] when the currencies differ or the difference is out of range.
    pub fn capture(
        payment: Uuid,
        came_in: &[Line],
        credited: &[Line],
        at: Timestamp,
    ) -> Result<Self, MoneyError> {
        let mut lines: Vec<Line> = came_in.to_vec();
        for part in credited {
            lines.push(Line { account: part.account, amount: part.amount.checked_neg()? });
        }
        lines.retain(|line| line.amount.minor() != 0);
        if let Some(first) = came_in.first() {
            let mut sum = Money::zero(first.amount.currency());
            for line in &lines {
                sum = sum.checked_add(line.amount)?;
            }
            if sum.minor() != 0 {
                lines.push(Line { account: Account::Suspense, amount: sum.checked_neg()? });
            }
        }
        Ok(Self { source: Source::PaymentCapture(payment), at, lines })
    }

    /// Cash that an agent has handed over, or was given back.
    ///
    /// # Errors
    /// [`MoneyError`] when the amount is out of range.
    pub fn transfer(transfer: &AgentTransfer) -> Result<Self, MoneyError> {
        let lines = vec![
            Line { account: Account::Cash, amount: transfer.amount },
            Line { account: Account::AgentWallet(transfer.agent_id), amount: transfer.amount.checked_neg()? },
        ];
        Ok(Self { source: Source::AgentTransfer(transfer.id.as_uuid()), at: transfer.at, lines })
    }

    /// Lines that add up to nothing, those of nothing left out.
    #[must_use]
    pub fn balanced(source: Source, mut lines: Vec<Line>, at: Timestamp) -> Self {
        lines.retain(|line| line.amount.minor() != 0);
        Self { source, at, lines }
    }

    /// What the gateway has kept of a payment: that much less is waiting there for us.
    ///
    /// # Errors
    /// [`MoneyError`] when the fee is out of range.
    pub fn fee(payment: Uuid, fee: Money, at: Timestamp) -> Result<Self, MoneyError> {
        let lines = vec![
            Line { account: Account::Fees, amount: fee },
            Line { account: Account::GatewayClearing, amount: fee.checked_neg()? },
        ];
        Ok(Self { source: Source::PaymentFee(payment), at, lines })
    }

    /// What it is about.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }

    /// When it was posted.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Its lines.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }
}

/// The sum of all accounts of one name in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// Their name.
    pub account: &'static str,
    /// Their sum: debits positive, credits negative.
    pub amount: Money,
}

/// What an examination of the ledger found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LedgerReport {
    /// How many postings there are.
    pub postings: u64,
    /// The sums of the accounts, by name.
    pub balances: Vec<Balance>,
    /// Postings whose lines do not add up to nothing.
    pub unbalanced: Vec<Uuid>,
    /// Successful payments without a posting.
    pub unposted_payments: Vec<Uuid>,
    /// Postings of payments that are not successful, and of refunds that there are none of.
    pub orphaned_postings: Vec<Uuid>,
    /// Accounts of single persons whose kept balance is not what their lines add up to.
    pub wrong_balances: Vec<String>,
    /// Refunds whose postings do not tell what became of them, and payments whose refunds do not add up to what is
    /// reserved for them.
    pub wrong_refunds: Vec<Uuid>,
}

impl LedgerReport {
    /// Whether the ledger balances and agrees with the payments.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let balanced = Currency::ALL.iter().all(|currency| {
            let in_currency = self.balances.iter().filter(|balance| balance.amount.currency() == *currency);
            in_currency.map(|balance| i128::from(balance.amount.minor())).sum::<i128>() == 0
        });
        balanced
            && self.unbalanced.is_empty()
            && self.unposted_payments.is_empty()
            && self.orphaned_postings.is_empty()
            && self.wrong_balances.is_empty()
            && self.wrong_refunds.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use kernel::{Currency, Id, Money};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::{Account, Line, Posting};

    fn capture(received: Money, price: Money) -> Result<Posting, kernel::money::MoneyError> {
        let came_in = [Line { account: Account::GatewayClearing, amount: received }];
        let credited = [Line { account: Account::Revenue, amount: price }];
        Posting::capture(Uuid::nil(), &came_in, &credited, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn accounts_are_read_as_they_are_written() {
        let person = Account::CreditOf(Id::from_uuid(Uuid::from_u128(7)));
        let wallet = Account::AgentWallet(Id::from_uuid(Uuid::from_u128(8)));
        for account in Account::SHARED.into_iter().chain([person, wallet]) {
            assert_eq!(Account::parse(&account.to_string()), Some(account));
        }
        assert_eq!(person.to_string(), "customer_credit:00000000-0000-0000-0000-000000000007");
        for wrong in ["", "fees:00000000-0000-0000-0000-000000000007", "customer_credit:", "till"] {
            assert_eq!(Account::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_posting_adds_up_to_nothing(received in 0i64..1_000_000_000_000, price in 1i64..1_000_000_000_000) {
            let (received, price) = (Money::from_minor(received, Currency::Cdf), Money::from_minor(price, Currency::Cdf));
            let posting = capture(received, price).unwrap();
            prop_assert_eq!(posting.lines().iter().map(|line| line.amount.minor()).sum::<i64>(), 0);
            let lines = if received.minor() == 0 || received == price { 2 } else { 3 };
            prop_assert_eq!(posting.lines().len(), lines);
            let fee = Posting::fee(Uuid::nil(), received, DateTime::UNIX_EPOCH).unwrap();
            prop_assert_eq!(fee.lines().iter().map(|line| line.amount.minor()).sum::<i64>(), 0);
        }
    }

    #[test]
    fn currencies_do_not_mix_in_a_posting() {
        let (received, price) = (Money::from_minor(1, Currency::Usd), Money::from_minor(1, Currency::Cdf));
        assert!(capture(received, price).is_err());
    }
}
