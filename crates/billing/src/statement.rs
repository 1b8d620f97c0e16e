//! Statements: a gateway's own account of what it has collected, as a file that staff import. What a line says
//! is kept as it was read; what was made of it is written beside it, once.
//!
//! No gateway of ours documents a form for such files. [`reader`] therefore takes any table with a header that
//! names its columns in one of the ways that [`columns`] knows.

use chrono::NaiveDate;
use kernel::{
    Money, Timestamp,
    id::ids::{PaymentId, StatementId, StatementLineId},
};
use sha2::{Digest, Sha256};

mod cells;
pub mod columns;
pub mod matching;
pub mod reader;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
/// The most lines that a file may have, without its header.
pub const MAX_LINES: usize = 20_000;
/// The most days that one statement may cover.
pub const MAX_DAYS: i64 = 366;

/// How a payment ended, as a statement tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaidStatus {
    /// The gateway has collected the money.
    Succeeded,
    /// It has not.
    Failed,
    /// It is not decided.
    Pending,
}

impl SaidStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Succeeded, Self::Failed, Self::Pending];

    /// The status as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Pending => "pending",
        }
    }

    /// Reads a stored status.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// What a line of a statement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The line of the file it begins on; the header is line 1.
    pub line: u32,
    /// When the gateway says it happened.
    pub at: Timestamp,
    /// The gateway's name for the transfer of money.
    pub transaction_id: Option<String>,
    /// The gateway's name for the payment. At least one of the two is there.
    pub session_id: Option<String>,
    /// Our name for the payment, if it is given back.
    pub reference: Option<String>,
    /// Who paid, as it is written.
    pub phone: Option<String>,
    /// How much.
    pub amount: Money,
    /// How it ended.
    pub status: SaidStatus,
    /// What the gateway keeps of it.
    pub fee: Option<Money>,
}

impl Entry {
    /// The name under which the same transaction is recognised in another file: the transaction's, or where
    /// there is none the session's.
    #[must_use]
    pub fn identity(&self) -> &str {
        self.transaction_id.as_deref().or(self.session_id.as_deref()).unwrap_or_default()
    }

    /// Equal for entries that say the same about their transaction.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let fee = self.fee.map_or_else(String::new, |fee| fee.to_string());
        hex::encode(Sha256::digest(format!("{}|{}|{fee}", self.status.as_str(), self.amount)))
    }

    /// Whether two entries tell of one transaction, though they may name it in different ways.
    #[must_use]
    pub fn is_same_transaction(&self, other: &Self) -> bool {
        match (&self.transaction_id, &other.transaction_id) {
            (Some(one), Some(another)) => one == another,
            _ => self.session_id.is_some() && self.session_id == other.session_id,
        }
    }
}

/// What was made of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineOutcome {
    /// Not compared yet.
    Waiting,
    /// It agrees with a payment of ours, which it may have settled.
    Matched,
    /// It tells of more than was asked for or has come in.
    Over,
    /// It tells of less.
    Under,
    /// It tells of another currency.
    CurrencyMismatch,
    /// Another transaction has paid the same payment already.
    Duplicate,
    /// It tells of money that no payment of ours has asked for.
    Orphan,
    /// The amount is right, and something else about it or its payment is not: a person decides.
    Held,
    /// It denies a success of ours.
    Contradicted,
    /// It tells of no money.
    NotPaid,
}

impl LineOutcome {
    /// Every outcome.
    pub const ALL: [Self; 10] = [
        Self::Waiting,
        Self::Matched,
        Self::Over,
        Self::Under,
        Self::CurrencyMismatch,
        Self::Duplicate,
        Self::Orphan,
        Self::Held,
        Self::Contradicted,
        Self::NotPaid,
    ];

    /// The outcome as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Matched => "matched",
            Self::Over => "over",
            Self::Under => "under",
            Self::CurrencyMismatch => "currency_mismatch",
            Self::Duplicate => "duplicate",
            Self::Orphan => "orphan",
            Self::Held => "held",
            Self::Contradicted => "contradicted",
            Self::NotPaid => "not_paid",
        }
    }

    /// Reads a stored outcome.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// An imported file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Names it.
    pub id: StatementId,
    /// The gateway whose account it is.
    pub gateway: String,
    /// Equal for equal files that were read in the same way: a hash.
    pub file_hash: String,
    /// The first day that it covers, in the portal's zone.
    pub covers_from: NaiveDate,
    /// The last, inclusive.
    pub covers_to: NaiveDate,
    /// How many of its lines were new.
    pub lines: u32,
    /// How many had been imported before, from another file or a line above.
    pub known: u32,
    /// How many could not be read and were left out, because that was asked for.
    pub refused: u32,
    /// Who imported it: an actor's text.
    pub imported_by: String,
    /// When.
    pub imported_at: Timestamp,
    /// When the last of its lines had been compared.
    pub completed_at: Option<Timestamp>,
}

/// A kept line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// Names it.
    pub id: StatementLineId,
    /// The statement it came with.
    pub statement_id: StatementId,
    /// The gateway that says it.
    pub gateway: String,
    /// What it says.
    pub entry: Entry,
    /// What was made of it.
    pub outcome: LineOutcome,
    /// More about that, as a stable word.
    pub note: Option<String>,
    /// The payment it tells of.
    pub payment_id: Option<PaymentId>,
    /// Whether it is the last word about its transaction: a later line about the same takes its place.
    pub current: bool,
    /// When it was compared.
    pub judged_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::{LineOutcome, SaidStatus};

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(SaidStatus::ALL.iter().all(|status| SaidStatus::parse(status.as_str()) == Some(*status)));
        assert!(
            LineOutcome::ALL.iter().all(|outcome| LineOutcome::parse(outcome.as_str()) == Some(*outcome))
        );
    }
}
