//! The daily agreement of payments, ledger and statement.

use std::collections::BTreeMap;

use billing::agreement::{Agreement, Disagreement, Item, Tally};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{Currency, Money};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::TotalsView;
use crate::http::{
    error::{ApiError, FieldProblem},
    money::{CurrencyView, MoneyView},
};

pub mod export;
pub mod list;
pub mod show;

/// The report of one day, gateway and currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Agreement)]
pub struct AgreementView {
    /// The day, in the portal's zone.
    #[schema(example = "2026-01-17")]
    pub date: NaiveDate,
    /// The gateway.
    #[schema(example = "serdipay")]
    pub gateway: String,
    /// The currency.
    pub currency: CurrencyView,
    /// Whether everything agrees.
    #[schema(example = true)]
    pub agrees: bool,
    /// Whether the ledger has every payment as it is.
    #[schema(example = true)]
    pub ledger_agrees: bool,
    /// Whether the statement tells the same, as far as there is one.
    #[schema(example = true)]
    pub statement_agrees: bool,
    /// Whether a statement covers the day.
    #[schema(example = true)]
    pub statement_covers: bool,
    /// The payments that succeeded on the day.
    pub payments: TotalsView,
    /// What the ledger posted for payments to the gateway's clearing account that day.
    pub ledger: TotalsView,
    /// The lines of the day that tell of money.
    pub statement: TotalsView,
    /// The day's payments that a line confirms, whatever the line's day.
    pub expected: TotalsView,
    /// Of the day's lines, those of payments that succeeded on another day.
    pub settled_on_other_days: TotalsView,
    /// Of the day's payments, those whose line names another day.
    pub dated_on_other_days: TotalsView,
    /// How many things disagree, by their kind: `missing`, `over`, `under`, `currency_mismatch`, `duplicate`,
    /// `orphan`, `unsettled`, `ledger`.
    #[schema(example = json!({"orphan": 1}))]
    pub disagreements: BTreeMap<&'static str, u64>,
    /// When this was computed.
    #[schema(example = "2026-01-18T03:30:00Z")]
    pub computed_at: DateTime<Utc>,
}

/// A report with everything that disagrees.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgreementDetails)]
pub struct AgreementDetailsView {
    /// The report.
    #[serde(flatten)]
    pub report: AgreementView,
    /// What disagrees.
    pub items: Vec<AgreementItemView>,
}

/// One thing that disagrees.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgreementItem)]
pub struct AgreementItemView {
    /// In which way: `missing`, `over`, `under`, `currency_mismatch`, `duplicate`, `orphan`, `unsettled` or
    /// `ledger`.
    #[schema(example = "missing")]
    pub kind: &'static str,
    /// The payment, if it is about one of ours.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e93")]
    pub payment_id: Option<Uuid>,
    /// The line of a statement, if it is about one.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e97")]
    pub statement_line_id: Option<Uuid>,
    /// What our payment says.
    pub expected: Option<MoneyView>,
    /// What the other book says.
    pub found: Option<MoneyView>,
}

fn totals(tally: Tally, currency: Currency) -> TotalsView {
    TotalsView { count: tally.count, sum: Money::from_minor(tally.sum, currency).into() }
}

impl From<&Agreement> for AgreementView {
    fn from(report: &Agreement) -> Self {
        let mut disagreements = BTreeMap::new();
        for item in &report.items {
            *disagreements.entry(item.kind.as_str()).or_default() += 1;
        }
        let totals = |tally| totals(tally, report.currency);
        Self {
            date: report.day,
            gateway: report.gateway.clone(),
            currency: report.currency.into(),
            agrees: report.agrees(),
            ledger_agrees: report.ledger_agrees(),
            statement_agrees: report.statement_agrees(),
            statement_covers: report.covered,
            payments: totals(report.payments),
            ledger: totals(report.ledger),
            statement: totals(report.statement),
            expected: totals(report.expected),
            settled_on_other_days: totals(report.settled_on_other_days),
            dated_on_other_days: totals(report.dated_on_other_days),
            disagreements,
            computed_at: report.computed_at,
        }
    }
}

impl From<Agreement> for AgreementDetailsView {
    fn from(report: Agreement) -> Self {
        Self {
            report: AgreementView::from(&report),
            items: report.items.into_iter().map(AgreementItemView::from).collect(),
        }
    }
}

impl From<Item> for AgreementItemView {
    fn from(item: Item) -> Self {
        Self {
            kind: Disagreement::as_str(item.kind),
            payment_id: item.payment_id.map(|payment| payment.as_uuid()),
            statement_line_id: item.line_id.map(|line| line.as_uuid()),
            expected: item.expected.map(MoneyView::from),
            found: item.found.map(MoneyView::from),
        }
    }
}

/// Reads a calendar day.
pub(super) fn day(field: &str, text: &str) -> Result<NaiveDate, ApiError> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| {
        let (fr, en) = ("doit être une date comme 2026-01-17", "must be a date such as 2026-01-17");
        ApiError::field(field, FieldProblem::Said(fr.to_owned(), en.to_owned()))
    })
}

/// Reads the parameter `currency`.
pub(super) fn currency(code: &str) -> Result<Currency, ApiError> {
    let known = || Currency::ALL.iter().map(ToString::to_string).collect();
    code.parse().map_err(|_| ApiError::field("currency", FieldProblem::NotOneOf(known())))
}
