//! Statements and agreement reports, for staff.

use chrono::NaiveDate;
use kernel::{Currency, Money, Page, PageRequest, StoreError, id::ids::StatementId};

use crate::{
    agreement::{Agreement, Disagreement, Item},
    statement::{LineOutcome, Statement, StatementLine},
    use_cases::Billing,
};

/// Which lines of a statement. An empty filter finds all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineFilter {
    /// With this outcome.
    pub outcome: Option<LineOutcome>,
}

/// Which reports. An empty filter finds all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgreementFilter {
    /// Of this gateway.
    pub gateway: Option<String>,
    /// In this currency.
    pub currency: Option<Currency>,
    /// Of this day or later.
    pub from: Option<NaiveDate>,
    /// Of this day or earlier.
    pub to: Option<NaiveDate>,
    /// Of days that agree, or that do not.
    pub agrees: Option<bool>,
}

impl AgreementFilter {
    /// All reports of one day.
    #[must_use]
    pub fn of_day(day: NaiveDate) -> Self {
        Self { from: Some(day), to: Some(day), ..Self::default() }
    }
}

/// How many lines of a statement have an outcome, and what they add up to in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeTotal {
    /// The outcome.
    pub outcome: LineOutcome,
    /// How many lines.
    pub count: u64,
    /// How much together.
    pub sum: Money,
}

/// A statement with what was made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementDetails {
    /// The statement.
    pub statement: Statement,
    /// Its lines by outcome and currency.
    pub outcomes: Vec<OutcomeTotal>,
    /// The successes of the days that it covers which no statement has, as the reports of these days tell. Empty
    /// until they are computed.
    pub missing: Vec<Item>,
}

/// A day has at most so many reports that are looked at: one for each gateway and currency.
const REPORTS_OF_A_DAY: u32 = PageRequest::MAX_PER_PAGE;

impl Billing {
    /// Statements, latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn statements(
        &self,
        gateway: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<Statement>, StoreError> {
        self.reads.statements(gateway, page).await
    }

    /// A statement with what was made of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn statement(&self, id: StatementId) -> Result<Option<StatementDetails>, StoreError> {
        let Some(statement) = self.reads.statement(id).await? else {
            return Ok(None);
        };
        let outcomes = self.reads.outcomes(id).await?;
        let covered = AgreementFilter {
            gateway: Some(statement.gateway.clone()),
            from: Some(statement.covers_from),
            to: Some(statement.covers_to),
            agrees: Some(false),
            ..AgreementFilter::default()
        };
        let mut missing = Vec::new();
        for number in 1.. {
            let page = PageRequest::new(number, PageRequest::MAX_PER_PAGE);
            let reports = self.reads.agreements(&covered, page).await?;
            let last = u64::from(number) >= reports.pages();
            let items = reports.items.into_iter().flat_map(|report| report.items);
            missing.extend(items.filter(|item| item.kind == Disagreement::Missing));
            if last {
                break;
            }
        }
        Ok(Some(StatementDetails { statement, outcomes, missing }))
    }

    /// Lines of a statement, in the order of the file; `None` when there is no such statement.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn statement_lines(
        &self,
        id: StatementId,
        filter: LineFilter,
        page: PageRequest,
    ) -> Result<Option<Page<StatementLine>>, StoreError> {
        if self.reads.statement(id).await?.is_none() {
            return Ok(None);
        }
        self.reads.statement_lines(id, filter, page).await.map(Some)
    }

    /// Agreement reports, latest day first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn agreements(
        &self,
        filter: &AgreementFilter,
        page: PageRequest,
    ) -> Result<Page<Agreement>, StoreError> {
        self.reads.agreements(filter, page).await
    }

    /// The reports of one day: one for each gateway and currency that had anything.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn agreements_of(&self, day: NaiveDate) -> Result<Vec<Agreement>, StoreError> {
        let page = PageRequest::new(1, REPORTS_OF_A_DAY);
        Ok(self.reads.agreements(&AgreementFilter::of_day(day), page).await?.items)
    }
}
