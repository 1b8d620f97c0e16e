//! Gateways' statements: importing them, and what was made of them.

use billing::{
    queries::statements::{OutcomeTotal, StatementDetails},
    statement::{LineOutcome, SaidStatus, Statement, StatementLine},
    use_cases::import_statement::Imported,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::agreements::AgreementItemView;
use crate::http::money::MoneyView;

pub mod import;
pub mod lines;
pub mod list;
mod problems;
pub mod show;

/// An imported file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Statement)]
pub struct StatementView {
    /// Names the statement.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e96")]
    pub id: Uuid,
    /// The gateway whose account it is.
    #[schema(example = "serdipay")]
    pub gateway: String,
    /// The first day that it covers.
    #[schema(example = "2026-01-17")]
    pub covers_from: NaiveDate,
    /// The last, inclusive.
    #[schema(example = "2026-01-17")]
    pub covers_to: NaiveDate,
    /// How many of its lines were new.
    #[schema(example = 412)]
    pub lines: u32,
    /// How many had been imported before.
    #[schema(example = 0)]
    pub known: u32,
    /// How many could not be read and were left out, because that was asked for.
    #[schema(example = 0)]
    pub refused: u32,
    /// Who imported it.
    #[schema(example = "user:0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    pub imported_by: String,
    /// When.
    #[schema(example = "2026-01-18T08:00:00Z")]
    pub imported_at: DateTime<Utc>,
    /// When the last of its lines had been compared; not yet when there is nothing.
    #[schema(example = "2026-01-18T08:00:05Z")]
    pub completed_at: Option<DateTime<Utc>>,
}

/// A statement that was sent, and what was wrong with it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportedStatement)]
pub struct ImportedStatementView {
    /// The statement.
    #[serde(flatten)]
    pub statement: StatementView,
    /// Whether an equal file had been imported before: then nothing has changed.
    #[schema(example = false)]
    pub repeated: bool,
    /// The first hundred cells that could not be read, when their lines were to be left out.
    pub problems: Vec<CellProblemView>,
}

/// A cell that could not be read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CellProblem)]
pub struct CellProblemView {
    /// The line of the file; its header is line 1.
    #[schema(example = 12)]
    pub line: u32,
    /// The column, if it is about a single one.
    #[schema(example = "amount")]
    pub column: Option<&'static str>,
    /// What is wrong, as a stable word.
    #[schema(example = "not_an_amount")]
    pub problem: &'static str,
}

/// A statement with what was made of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatementDetails)]
pub struct StatementDetailsView {
    /// The statement.
    #[serde(flatten)]
    pub statement: StatementView,
    /// Its lines by outcome and currency.
    pub outcomes: Vec<OutcomeTotalView>,
    /// How many successful payments of the days that it covers no statement has.
    #[schema(example = 1)]
    pub missing_count: usize,
    /// The first hundred of them.
    pub missing: Vec<AgreementItemView>,
}

/// How many lines have an outcome, and what they add up to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OutcomeTotal)]
pub struct OutcomeTotalView {
    /// The outcome.
    pub outcome: LineOutcomeWord,
    /// How many lines.
    #[schema(example = 412)]
    pub count: u64,
    /// How much together.
    pub sum: MoneyView,
}

/// A line of a statement.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatementLine)]
pub struct StatementLineView {
    /// Names the line.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e97")]
    pub id: Uuid,
    /// Its place in the file; the header is line 1.
    #[schema(example = 12)]
    pub line: u32,
    /// When the gateway says it happened.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub at: DateTime<Utc>,
    /// The gateway's name for the transfer of money.
    #[schema(example = "SERD700000042")]
    pub transaction_id: Option<String>,
    /// The gateway's name for the payment.
    #[schema(example = "700000042")]
    pub session_id: Option<String>,
    /// Our name for the payment, if it was given back.
    #[schema(example = "7f4f8c1e-5b0a-4c6d-9a51-0d5f6a7b8c9d")]
    pub reference: Option<String>,
    /// Who paid, as it is written.
    #[schema(example = "+243812345678")]
    pub phone: Option<String>,
    /// How much.
    pub amount: MoneyView,
    /// What the gateway keeps of it.
    pub fee: Option<MoneyView>,
    /// How it ended, as the gateway says: `succeeded`, `failed` or `pending`.
    #[schema(example = "succeeded")]
    pub status: &'static str,
    /// What was made of it.
    pub outcome: LineOutcomeWord,
    /// More about that: `settled` when it has settled its payment, why that is held, or `told_before`.
    #[schema(example = "settled")]
    pub note: Option<String>,
    /// The payment that it tells of.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e93")]
    pub payment_id: Option<Uuid>,
    /// Whether it is the last word about its transaction.
    #[schema(example = true)]
    pub current: bool,
    /// When it was compared.
    #[schema(example = "2026-01-18T08:00:05Z")]
    pub judged_at: Option<DateTime<Utc>>,
}

/// What was made of a line: it waits; it agrees with a payment; it tells of more, less or another currency; it is
/// another transaction for a payment that has one; no payment has asked for its money; a person decides about its
/// payment; it denies a success of ours; it tells of no money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = StatementLineOutcome, example = "matched")]
#[serde(rename_all = "snake_case")]
pub enum LineOutcomeWord {
    /// Not compared yet.
    Waiting,
    /// It agrees with a payment of ours.
    Matched,
    /// It tells of more.
    Over,
    /// It tells of less.
    Under,
    /// It tells of another currency.
    CurrencyMismatch,
    /// Another transaction has paid the same payment.
    Duplicate,
    /// No payment of ours has asked for it.
    Orphan,
    /// A person decides.
    Held,
    /// It denies a success of ours.
    Contradicted,
    /// It tells of no money.
    NotPaid,
}

impl From<LineOutcome> for LineOutcomeWord {
    fn from(outcome: LineOutcome) -> Self {
        match outcome {
            LineOutcome::Waiting => Self::Waiting,
            LineOutcome::Matched => Self::Matched,
            LineOutcome::Over => Self::Over,
            LineOutcome::Under => Self::Under,
            LineOutcome::CurrencyMismatch => Self::CurrencyMismatch,
            LineOutcome::Duplicate => Self::Duplicate,
            LineOutcome::Orphan => Self::Orphan,
            LineOutcome::Held => Self::Held,
            LineOutcome::Contradicted => Self::Contradicted,
            LineOutcome::NotPaid => Self::NotPaid,
        }
    }
}

impl From<LineOutcomeWord> for LineOutcome {
    fn from(word: LineOutcomeWord) -> Self {
        match word {
            LineOutcomeWord::Waiting => Self::Waiting,
            LineOutcomeWord::Matched => Self::Matched,
            LineOutcomeWord::Over => Self::Over,
            LineOutcomeWord::Under => Self::Under,
            LineOutcomeWord::CurrencyMismatch => Self::CurrencyMismatch,
            LineOutcomeWord::Duplicate => Self::Duplicate,
            LineOutcomeWord::Orphan => Self::Orphan,
            LineOutcomeWord::Held => Self::Held,
            LineOutcomeWord::Contradicted => Self::Contradicted,
            LineOutcomeWord::NotPaid => Self::NotPaid,
        }
    }
}

/// As many missing payments are shown with a statement.
const MISSING_SHOWN: usize = 100;

impl From<Statement> for StatementView {
    fn from(statement: Statement) -> Self {
        Self {
            id: statement.id.as_uuid(),
            gateway: statement.gateway,
            covers_from: statement.covers_from,
            covers_to: statement.covers_to,
            lines: statement.lines,
            known: statement.known,
            refused: statement.refused,
            imported_by: statement.imported_by,
            imported_at: statement.imported_at,
            completed_at: statement.completed_at,
        }
    }
}

impl From<Imported> for ImportedStatementView {
    fn from(imported: Imported) -> Self {
        let problems = imported.problems.into_iter().map(|problem| CellProblemView {
            line: problem.line,
            column: problem.column.map(|column| column.as_str()),
            problem: problems::word(problem.fault),
        });
        Self {
            statement: imported.statement.into(),
            repeated: imported.repeated,
            problems: problems.collect(),
        }
    }
}

impl From<StatementDetails> for StatementDetailsView {
    fn from(details: StatementDetails) -> Self {
        Self {
            statement: details.statement.into(),
            outcomes: details.outcomes.into_iter().map(OutcomeTotalView::from).collect(),
            missing_count: details.missing.len(),
            missing: details.missing.into_iter().take(MISSING_SHOWN).map(AgreementItemView::from).collect(),
        }
    }
}

impl From<OutcomeTotal> for OutcomeTotalView {
    fn from(total: OutcomeTotal) -> Self {
        Self { outcome: total.outcome.into(), count: total.count, sum: total.sum.into() }
    }
}

impl From<StatementLine> for StatementLineView {
    fn from(line: StatementLine) -> Self {
        let entry = line.entry;
        Self {
            id: line.id.as_uuid(),
            line: entry.line,
            at: entry.at,
            transaction_id: entry.transaction_id,
            session_id: entry.session_id,
            reference: entry.reference,
            phone: entry.phone,
            amount: entry.amount.into(),
            fee: entry.fee.map(MoneyView::from),
            status: SaidStatus::as_str(entry.status),
            outcome: line.outcome.into(),
            note: line.note,
            payment_id: line.payment_id.map(|payment| payment.as_uuid()),
            current: line.current,
            judged_at: line.judged_at,
        }
    }
}
