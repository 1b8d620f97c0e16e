//! Taking a gateway's statement in: the whole file or nothing of it, unless the importer asks for the part that
//! can be read. What its lines mean is found out afterwards, by jobs.

use chrono::NaiveDate;
use kernel::{Currency, Id, Origin, StoreError, audit::AuditRecord};
use sha2::{Digest, Sha256};

use super::Billing;
use crate::{
    jobs::JudgeStatementLines,
    payment::Means,
    ports::BillingTx,
    statement::{
        Entry, LineOutcome, MAX_DAYS, Statement, StatementLine,
        columns::ColumnNames,
        reader::{self, CellProblem, Contents, Reading, Unreadable},
    },
};

/// Lines that one job judges. Many jobs may work at once, and one that fails holds up no other.
const LINES_OF_A_JOB: u32 = 200;
/// Lines that are written with one statement.
const LINES_AT_ONCE: usize = 200;

/// A file with how it is to be read.
#[derive(Debug, Clone)]
pub struct ImportStatement<'a> {
    /// The gateway whose account it is.
    pub gateway: String,
    /// The file.
    pub bytes: &'a [u8],
    /// Whether to import what can be read where something cannot.
    pub partial: bool,
    /// The currency of a file without such a column.
    pub currency: Option<Currency>,
    /// Names of columns beyond the known ones.
    pub columns: ColumnNames,
    /// The first day that the file covers; the day of its earliest line when nothing is said.
    pub from: Option<NaiveDate>,
    /// The last, inclusive; likewise.
    pub to: Option<NaiveDate>,
}

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The statement.
    pub statement: Statement,
    /// Whether an equal file had been imported before: then nothing has changed.
    pub repeated: bool,
    /// What could not be read and was left out.
    pub problems: Vec<CellProblem>,
}

/// Why a file was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum ImportStatementError {
    /// No payment of ours goes through such a gateway.
    #[error("there is no such gateway")]
    UnknownGateway,
    /// It cannot be read at all.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Some of its lines cannot be read: what is wrong with the first of them, and how many there are.
    #[error("{1} lines cannot be read")]
    BadLines(Vec<CellProblem>, u32),
    /// It says nothing of the days that it covers: it has no lines.
    #[error("the file has no lines, and nobody says which days it covers")]
    NoDays,
    /// The days do not fit: the last is before the first, a line is outside, or there are too many.
    #[error("the days from {0} to {1} do not fit the file")]
    DaysDoNotFit(NaiveDate, NaiveDate),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Imports a statement. The same file again changes nothing and answers with the statement of the first
    /// time; lines that another file has told already are counted and passed over.
    ///
    /// # Errors
    /// [`ImportStatementError`]; nothing is left behind then.
    pub async fn import_statement(
        &self,
        origin: &Origin,
        command: ImportStatement<'_>,
    ) -> Result<Imported, ImportStatementError> {
        let how = Reading {
            zone: self.settings.zone,
            currency: command.currency,
            columns: command.columns.clone(),
        };
        let Contents { entries, problems, refused } = reader::read(command.bytes, &how)?;
        if refused > 0 && !command.partial {
            return Err(ImportStatementError::BadLines(problems, refused));
        }
        let (covers_from, covers_to) = self.days_of(&command, &entries)?;
        let mut statement = Statement {
            id: Id::generate(&self.ambient),
            file_hash: hash_of(&command, covers_to < self.today()),
            gateway: command.gateway,
            covers_from,
            covers_to,
            lines: 0,
            known: 0,
            refused,
            imported_by: origin.actor.to_string(),
            imported_at: self.ambient.now(),
            completed_at: None,
        };
        let mut tx = self.store.begin().await?;
        tx.lock_statements(&statement.gateway).await?;
        if !self.knows_gateway(tx.as_mut(), &statement.gateway).await? {
            return Err(ImportStatementError::UnknownGateway);
        }
        if let Some(earlier) = tx.statement_of_file(&statement.gateway, &statement.file_hash).await? {
            return Ok(Imported { statement: earlier, repeated: true, problems });
        }
        self.keep_statement(tx.as_mut(), origin, &mut statement, entries).await?;
        let resource = format!("statement:{}", statement.id);
        let record = AuditRecord::success(&self.ambient, origin, "statement", "import", resource);
        let details = serde_json::json!({
            "gateway": statement.gateway, "lines": statement.lines, "known": statement.known, "refused": refused,
        });
        tx.audit(record.with(details)).await?;
        tx.commit().await?;
        Ok(Imported { statement, repeated: false, problems })
    }

    /// A statement of a gateway that we do not use is somebody's mistake.
    async fn knows_gateway(&self, tx: &mut dyn BillingTx, gateway: &str) -> Result<bool, StoreError> {
        let is_own = Means::OWN.iter().any(|means| means.as_str() == gateway);
        Ok(!is_own && (self.gateways.named(gateway).is_some() || tx.has_payments_of(gateway).await?))
    }

    /// Writes a statement with its lines, and plans the finding out of what they mean.
    async fn keep_statement(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        statement: &mut Statement,
        entries: Vec<Entry>,
    ) -> Result<(), StoreError> {
        tx.insert_statement(statement).await?;
        let total = u32::try_from(entries.len()).map_err(StoreError::corrupt)?;
        let last = entries.last().map_or(0, |entry| entry.line);
        let lines: Vec<_> = entries.into_iter().map(|entry| self.line_of(statement, entry)).collect();
        for some in lines.chunks(LINES_AT_ONCE) {
            statement.lines += tx.insert_statement_lines(some).await?;
        }
        statement.known = total - statement.lines;
        tx.count_statement_lines(statement.id, statement.lines, statement.known).await?;
        // An empty statement has one job too: it covers days.
        let mut from = 0;
        while from <= last {
            let to = from + LINES_OF_A_JOB - 1;
            self.enqueue(tx, origin, &JudgeStatementLines { statement_id: statement.id, from, to }).await?;
            from = to + 1;
        }
        Ok(())
    }

    fn line_of(&self, statement: &Statement, entry: Entry) -> StatementLine {
        StatementLine {
            id: Id::generate(&self.ambient),
            statement_id: statement.id,
            gateway: statement.gateway.clone(),
            entry,
            outcome: LineOutcome::Waiting,
            note: None,
            payment_id: None,
            current: true,
            judged_at: None,
        }
    }

    /// The days that a file covers: as the importer says, or from its earliest line's to its latest line's.
    fn days_of(
        &self,
        command: &ImportStatement<'_>,
        entries: &[Entry],
    ) -> Result<(NaiveDate, NaiveDate), ImportStatementError> {
        let days = || entries.iter().map(|entry| entry.at.with_timezone(&self.settings.zone).date_naive());
        let (first, last) = (days().min(), days().max());
        let from = command.from.or(first).or(command.to).ok_or(ImportStatementError::NoDays)?;
        let to = command.to.or(last).unwrap_or(from);
        let outside = first.is_some_and(|first| first < from) || last.is_some_and(|last| last > to);
        if outside || to < from || (to - from).num_days() >= MAX_DAYS {
            return Err(ImportStatementError::DaysDoNotFit(from, to));
        }
        Ok((from, to))
    }
}

/// Equal for an equal file that is read in an equal way. Read in another way it may say something else, and once
/// its days are over it says that there is no more to them.
fn hash_of(command: &ImportStatement<'_>, is_over: bool) -> String {
    let ImportStatement { gateway: _, bytes, partial: _, currency, columns, from, to } = command;
    let mut hash = Sha256::new();
    hash.update(format!("{currency:?} {columns:?} {from:?} {to:?}\n"));
    hash.update(bytes);
    if !is_over {
        hash.update("\nnot over");
    }
    hex::encode(hash.finalize())
}
