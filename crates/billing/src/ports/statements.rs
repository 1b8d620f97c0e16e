//! Statements and agreement reports: their rows in a transaction, and their lists.

use async_trait::async_trait;
use chrono::NaiveDate;
use kernel::{
    Money, Page, PageRequest, StoreError, Timestamp,
    id::ids::{PaymentId, StatementId, StatementLineId},
};

use crate::{
    agreement::{Agreement, Books, DayBounds},
    queries::statements::{AgreementFilter, LineFilter, OutcomeTotal},
    statement::{LineOutcome, Statement, StatementLine},
};

/// What was made of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineDecision {
    /// The line.
    pub id: StatementLineId,
    /// The outcome it had until now: another one is left alone.
    pub from: LineOutcome,
    /// The outcome it gets.
    pub outcome: LineOutcome,
    /// More about that, as a stable word.
    pub note: Option<&'static str>,
    /// The payment that it tells of.
    pub payment_id: Option<PaymentId>,
    /// Whether it is the last word about its transaction.
    pub current: bool,
    /// When this was decided.
    pub at: Timestamp,
}

/// Statements and their lines.
#[async_trait]
pub trait StatementRows: Send {
    /// Lets nobody else import statements of a gateway until the transaction ends: two files that overlap must
    /// see each other's lines.
    async fn lock_statements(&mut self, gateway: &str) -> Result<(), StoreError>;
    /// Whether any payment has gone through a gateway.
    async fn has_payments_of(&mut self, gateway: &str) -> Result<bool, StoreError>;
    /// The statement that was imported from an equal file.
    async fn statement_of_file(
        &mut self,
        gateway: &str,
        file_hash: &str,
    ) -> Result<Option<Statement>, StoreError>;
    /// Adds a statement.
    async fn insert_statement(&mut self, statement: &Statement) -> Result<(), StoreError>;
    /// Adds lines; of those that say something new about a known transaction, the line that was current is so no
    /// more. Lines that say what a kept one says are passed over. Says how many were added.
    async fn insert_statement_lines(&mut self, lines: &[StatementLine]) -> Result<u32, StoreError>;
    /// Writes down how many lines of a statement were new, and how many were known.
    async fn count_statement_lines(
        &mut self,
        id: StatementId,
        lines: u32,
        known: u32,
    ) -> Result<(), StoreError>;
    /// The current lines that tell of a payment's success.
    async fn successes_told_of(&mut self, payment: PaymentId) -> Result<Vec<StatementLine>, StoreError>;
    /// Writes down what was made of a line; false when it does not have the outcome it is decided from.
    async fn decide_line(&mut self, decision: &LineDecision) -> Result<bool, StoreError>;
    /// Writes down that all lines of a statement have been compared; false when some have not, or it was known.
    async fn complete_statement(&mut self, id: StatementId, at: Timestamp) -> Result<bool, StoreError>;
    /// How many orphans a statement has and what they add up to, by currency.
    async fn orphans_of(&mut self, id: StatementId) -> Result<Vec<(u64, Money)>, StoreError>;
    /// Writes down what a payment's success has brought.
    async fn note_received(&mut self, payment: PaymentId, received: Money) -> Result<(), StoreError>;
    /// What a payment's success has brought.
    async fn received(&mut self, payment: PaymentId) -> Result<Option<Money>, StoreError>;
    /// The reports of a day, locked until the end, so that two that compute it go one after the other.
    async fn lock_agreements(&mut self, day: NaiveDate) -> Result<Vec<Agreement>, StoreError>;
    /// Everything that is known of a day.
    async fn books(&mut self, day: NaiveDate, bounds: DayBounds) -> Result<Books, StoreError>;
    /// Puts a report in the place of an earlier one for the same day, gateway and currency.
    async fn put_agreement(&mut self, report: &Agreement) -> Result<(), StoreError>;
}

/// Statements and reports, straight from the database.
#[async_trait]
pub trait StatementReads: Send + Sync {
    /// Statements, latest first.
    async fn statements(
        &self,
        gateway: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<Statement>, StoreError>;
    /// One statement.
    async fn statement(&self, id: StatementId) -> Result<Option<Statement>, StoreError>;
    /// How many lines of a statement have each outcome, and what they add up to.
    async fn outcomes(&self, id: StatementId) -> Result<Vec<OutcomeTotal>, StoreError>;
    /// Lines of a statement, in the order of the file.
    async fn statement_lines(
        &self,
        id: StatementId,
        filter: LineFilter,
        page: PageRequest,
    ) -> Result<Page<StatementLine>, StoreError>;
    /// One line.
    async fn statement_line(&self, id: StatementLineId) -> Result<Option<StatementLine>, StoreError>;
    /// The lines of a statement that were not compared yet, from one place in the file to another, inclusive.
    async fn waiting_lines(
        &self,
        id: StatementId,
        places: (u32, u32),
    ) -> Result<Vec<StatementLineId>, StoreError>;
    /// Current lines without a payment whose date is in the bounds, oldest first.
    async fn orphans(&self, bounds: DayBounds, limit: u64) -> Result<Vec<StatementLineId>, StoreError>;
    /// Reports, latest day first.
    async fn agreements(
        &self,
        filter: &AgreementFilter,
        page: PageRequest,
    ) -> Result<Page<Agreement>, StoreError>;
}
