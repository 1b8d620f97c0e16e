//! Whether three books tell the same of a day: our payments, our ledger, and the gateway's statement.
//!
//! A day is a calendar day of the portal's zone. A payment belongs to the day on which it succeeded, a line of a
//! statement to the day that it names. The two may differ, as where a statement settled a payment days later:
//! such pairs agree, and are told apart in the sums ([`Agreement::settled_on_other_days`],
//! [`Agreement::dated_on_other_days`]).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeZone as _, Utc};
use chrono_tz::Tz;
use kernel::{
    Currency, Money, Timestamp,
    id::ids::{AgreementId, PaymentId, StatementLineId},
};

use crate::statement::{LineOutcome, matching::difference};

mod books;

pub use books::{BookedLine, BookedPayment, Books, Capture};

/// When a day begins and the next one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayBounds {
    /// Its first moment.
    pub from: Timestamp,
    /// The next day's.
    pub to: Timestamp,
}

impl DayBounds {
    /// The bounds of a calendar day in a zone; `None` at the ends of the calendar.
    #[must_use]
    pub fn of(day: NaiveDate, zone: Tz) -> Option<Self> {
        Some(Self { from: midnight(day, zone)?, to: midnight(day.succ_opt()?, zone)? })
    }

    /// Whether a moment is within.
    #[must_use]
    pub fn contains(self, moment: Timestamp) -> bool {
        (self.from..self.to).contains(&moment)
    }
}

/// A day's first moment. Where clocks are put forward at midnight it is an hour later.
fn midnight(day: NaiveDate, zone: Tz) -> Option<Timestamp> {
    let hours = [0, 1, 2].into_iter().filter_map(|hour| day.and_hms_opt(hour, 0, 0));
    let first = hours.filter_map(|moment| zone.from_local_datetime(&moment).earliest()).next()?;
    Some(first.with_timezone(&Utc))
}

/// How many, and how much together in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// How much.
    pub sum: i64,
}

impl Tally {
    fn add(&mut self, amount: Money) {
        self.count += 1;
        self.sum = self.sum.saturating_add(amount.minor());
    }
}

/// What does not agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disagreement {
    /// A success that the statement does not have.
    Missing,
    /// The statement has more for a payment than has come in.
    Over,
    /// It has less.
    Under,
    /// It has another currency.
    CurrencyMismatch,
    /// It has a payment twice.
    Duplicate,
    /// It has money that no payment of ours has asked for.
    Orphan,
    /// It has money for a payment that has not succeeded.
    Unsettled,
    /// The ledger has something else for a payment than the payment itself, or nothing.
    Ledger,
}

impl Disagreement {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Missing,
        Self::Over,
        Self::Under,
        Self::CurrencyMismatch,
        Self::Duplicate,
        Self::Orphan,
        Self::Unsettled,
        Self::Ledger,
    ];

    /// The kind as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Over => "over",
            Self::Under => "under",
            Self::CurrencyMismatch => "currency_mismatch",
            Self::Duplicate => "duplicate",
            Self::Orphan => "orphan",
            Self::Unsettled => "unsettled",
            Self::Ledger => "ledger",
        }
    }

    /// Reads a stored kind.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One thing that does not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// In which way.
    pub kind: Disagreement,
    /// The payment, if it is about one of ours.
    pub payment_id: Option<PaymentId>,
    /// The line, if it is about one.
    pub line_id: Option<StatementLineId>,
    /// What our payment says.
    pub expected: Option<Money>,
    /// What the other book says.
    pub found: Option<Money>,
}

/// The report of one day, gateway and currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// Names it.
    pub id: AgreementId,
    /// The day.
    pub day: NaiveDate,
    /// The gateway.
    pub gateway: String,
    /// The currency.
    pub currency: Currency,
    /// The payments that succeeded on the day.
    pub payments: Tally,
    /// What the ledger posted to the gateway's clearing account for payments that day.
    pub ledger: Tally,
    /// Whether a statement covers the day.
    pub covered: bool,
    /// The lines of the day that tell of money.
    pub statement: Tally,
    /// The day's payments that a line confirms, whatever the line's day.
    pub expected: Tally,
    /// Of the day's lines, those of payments that succeeded on another day.
    pub settled_on_other_days: Tally,
    /// Of the day's payments, those whose line names another day.
    pub dated_on_other_days: Tally,
    /// What does not agree.
    pub items: Vec<Item>,
    /// When this was computed.
    pub computed_at: Timestamp,
}

impl Agreement {
    /// Whether payments and ledger tell the same.
    #[must_use]
    pub fn ledger_agrees(&self) -> bool {
        self.payments == self.ledger && self.items.iter().all(|item| item.kind != Disagreement::Ledger)
    }

    /// Whether the statement tells the same as the payments, as far as there is one.
    #[must_use]
    pub fn statement_agrees(&self) -> bool {
        self.items.iter().all(|item| item.kind == Disagreement::Ledger)
    }

    /// Whether all agree. A day without a statement may agree.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.ledger_agrees() && self.statement_agrees()
    }

    fn empty(day: NaiveDate, gateway: String, currency: Currency, now: Timestamp) -> Self {
        let none = Tally::default();
        Self {
            // Given when it is stored.
            id: AgreementId::from_uuid(uuid::Uuid::nil()),
            day,
            gateway,
            currency,
            payments: none,
            ledger: none,
            covered: false,
            statement: none,
            expected: none,
            settled_on_other_days: none,
            dated_on_other_days: none,
            items: Vec::new(),
            computed_at: now,
        }
    }
}

/// Compares a day's books: one report for each gateway and currency that has anything that day, and for each of
/// `also`.
#[must_use]
pub fn compare(
    day: NaiveDate,
    bounds: DayBounds,
    books: &Books,
    also: &[(String, Currency)],
    now: Timestamp,
) -> Vec<Agreement> {
    let mut reports = Reports { day, now, all: BTreeMap::new() };
    for (gateway, currency) in also {
        reports.of(gateway, *currency);
    }
    compare_with_ledger(&mut reports, bounds, books);
    compare_with_statement(&mut reports, bounds, books);
    for report in reports.all.values_mut() {
        report.covered = books.covered.contains(&report.gateway);
    }
    reports.all.into_values().collect()
}

/// The reports of a day while they are made.
struct Reports {
    day: NaiveDate,
    now: Timestamp,
    all: BTreeMap<(String, Currency), Agreement>,
}

impl Reports {
    fn of(&mut self, gateway: &str, currency: Currency) -> &mut Agreement {
        let (day, now) = (self.day, self.now);
        let report = self.all.entry((gateway.to_owned(), currency));
        report.or_insert_with(|| Agreement::empty(day, gateway.to_owned(), currency, now))
    }
}

/// Whose success is on the day.
fn is_of_day(payment: &BookedPayment, bounds: DayBounds) -> bool {
    payment.succeeded_at.is_some_and(|at| bounds.contains(at))
}

/// The gateway of a posting whose payment is gone.
const NO_GATEWAY: &str = "unknown";

fn compare_with_ledger(reports: &mut Reports, bounds: DayBounds, books: &Books) {
    let mut captures: BTreeMap<PaymentId, &Capture> = BTreeMap::new();
    for capture in &books.captures {
        let gateway = capture.gateway.as_deref().unwrap_or(NO_GATEWAY);
        reports.of(gateway, capture.amount.currency()).ledger.add(capture.amount);
        captures.insert(capture.payment_id, capture);
    }
    for payment in books.payments.iter().filter(|payment| is_of_day(payment, bounds)) {
        let report = reports.of(&payment.gateway, payment.amount.currency());
        report.payments.add(payment.amount);
        let found = captures.remove(&payment.id).map(|capture| capture.amount);
        if found != Some(payment.amount) {
            report.items.push(Item {
                kind: Disagreement::Ledger,
                payment_id: Some(payment.id),
                line_id: None,
                expected: Some(payment.amount),
                found,
            });
        }
    }
    // What is left was posted for payments that did not succeed on the day.
    for capture in captures.into_values() {
        let gateway = capture.gateway.as_deref().unwrap_or(NO_GATEWAY);
        reports.of(gateway, capture.amount.currency()).items.push(Item {
            kind: Disagreement::Ledger,
            payment_id: Some(capture.payment_id),
            line_id: None,
            expected: None,
            found: Some(capture.amount),
        });
    }
}

fn compare_with_statement(reports: &mut Reports, bounds: DayBounds, books: &Books) {
    let payments: BTreeMap<PaymentId, &BookedPayment> =
        books.payments.iter().map(|payment| (payment.id, payment)).collect();
    let mut lines: Vec<&BookedLine> = books.lines.iter().collect();
    lines.sort_by_key(|line| (line.at, line.id));
    let mut told = BTreeSet::new();
    for line in lines {
        let payment = line.payment_id.and_then(|id| payments.get(&id).copied());
        let again = payment.is_some_and(|payment| !told.insert(payment.id));
        let of_day = bounds.contains(line.at);
        if of_day {
            reports.of(&line.gateway, line.amount.currency()).statement.add(line.amount);
        }
        let disagreement = disagreement(payment, line, again);
        if let Some(payment) = payment.filter(|_| !again) {
            let report = reports.of(&payment.gateway, payment.amount.currency());
            let (succeeded, agrees) = (is_of_day(payment, bounds), disagreement.is_none());
            if succeeded && agrees {
                report.expected.add(payment.amount);
            }
            if succeeded && !of_day {
                report.dated_on_other_days.add(payment.amount);
            }
            if !succeeded && of_day && agrees {
                report.settled_on_other_days.add(line.amount);
            }
        }
        // A line of another day is that day's affair.
        if let Some(kind) = disagreement.filter(|_| of_day) {
            reports.of(&line.gateway, line.amount.currency()).items.push(Item {
                kind,
                payment_id: payment.map(|payment| payment.id),
                line_id: Some(line.id),
                expected: payment.map(|payment| payment.amount),
                found: Some(line.amount),
            });
        }
    }
    for payment in books.payments.iter().filter(|payment| is_of_day(payment, bounds)) {
        if books.covered.contains(&payment.gateway) && !told.contains(&payment.id) {
            reports.of(&payment.gateway, payment.amount.currency()).items.push(Item {
                kind: Disagreement::Missing,
                payment_id: Some(payment.id),
                line_id: None,
                expected: Some(payment.amount),
                found: None,
            });
        }
    }
}

/// How a line disagrees with the payment that it names, if it does.
fn disagreement(payment: Option<&BookedPayment>, line: &BookedLine, again: bool) -> Option<Disagreement> {
    let Some(payment) = payment else { return Some(Disagreement::Orphan) };
    if again {
        return Some(Disagreement::Duplicate);
    }
    if payment.succeeded_at.is_none() {
        return Some(Disagreement::Unsettled);
    }
    match difference(payment.amount, line.amount)? {
        LineOutcome::Over => Some(Disagreement::Over),
        LineOutcome::Under => Some(Disagreement::Under),
        _ => Some(Disagreement::CurrencyMismatch),
    }
}

#[cfg(test)]
mod tests;
