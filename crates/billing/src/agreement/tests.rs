//! Days that agree, and every way in which one may not.

use chrono::{Duration, NaiveDate};
use chrono_tz::{Africa::Kinshasa, America::Santiago};
use kernel::{Currency, Id, Money, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::{Agreement, BookedLine, BookedPayment, Books, Capture, DayBounds, Disagreement, Tally, compare};

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 17).unwrap()
}

fn bounds() -> DayBounds {
    DayBounds::of(day(), Kinshasa).unwrap()
}

fn at(minutes: i64) -> Timestamp {
    bounds().from + Duration::minutes(minutes)
}

fn cdf(minor: i64) -> Money {
    Money::from_minor(minor, Currency::Cdf)
}

fn payment(number: u128, minor: i64, minutes: i64) -> BookedPayment {
    let id = Id::from_uuid(Uuid::from_u128(number));
    BookedPayment { id, gateway: "g".into(), amount: cdf(minor), succeeded_at: Some(at(minutes)) }
}

fn line(number: u128, of: Option<u128>, minor: i64, minutes: i64) -> BookedLine {
    BookedLine {
        id: Id::from_uuid(Uuid::from_u128(number)),
        gateway: "g".into(),
        at: at(minutes),
        amount: cdf(minor),
        payment_id: of.map(|payment| Id::from_uuid(Uuid::from_u128(payment))),
    }
}

fn books(payments: Vec<BookedPayment>, lines: Vec<BookedLine>) -> Books {
    let captures = payments
        .iter()
        .filter(|payment| super::is_of_day(payment, bounds()))
        .map(|payment| Capture { payment_id: payment.id, gateway: Some("g".into()), amount: payment.amount });
    Books { captures: captures.collect(), payments, lines, covered: ["g".to_owned()].into() }
}

fn report(books: &Books) -> Agreement {
    let mut reports = compare(day(), bounds(), books, &[], at(0));
    assert_eq!(reports.len(), 1, "{reports:?}");
    reports.remove(0)
}

fn kinds(books: &Books) -> Vec<Disagreement> {
    report(books).items.iter().map(|item| item.kind).collect()
}

#[test]
fn three_books_that_tell_the_same_agree() {
    let report = report(&books(
        vec![payment(1, 300, 5), payment(2, 150, 6)],
        vec![line(1, Some(1), 300, 4), line(2, Some(2), 150, 5)],
    ));
    let all = Tally { count: 2, sum: 450 };
    assert_eq!((report.payments, report.ledger, report.statement, report.expected), (all, all, all, all));
    assert!(report.agrees() && report.covered);
}

#[test]
fn each_way_of_disagreeing_has_its_name() {
    let paid = || vec![payment(1, 300, 5)];
    assert_eq!(kinds(&books(paid(), vec![])), [Disagreement::Missing]);
    assert_eq!(kinds(&books(paid(), vec![line(1, Some(1), 301, 4)])), [Disagreement::Over]);
    assert_eq!(kinds(&books(paid(), vec![line(1, Some(1), 299, 4)])), [Disagreement::Under]);
    let twice = vec![line(1, Some(1), 300, 4), line(2, Some(1), 300, 6)];
    assert_eq!(kinds(&books(paid(), twice)), [Disagreement::Duplicate]);
    assert_eq!(kinds(&books(vec![], vec![line(1, None, 300, 4)])), [Disagreement::Orphan]);
    let held = BookedPayment { succeeded_at: None, ..payment(1, 300, 0) };
    assert_eq!(kinds(&books(vec![held], vec![line(1, Some(1), 300, 4)])), [Disagreement::Unsettled]);
    let dollars = BookedLine { amount: Money::from_minor(300, Currency::Usd), ..line(1, Some(1), 300, 4) };
    let reports = compare(day(), bounds(), &books(paid(), vec![dollars]), &[], at(0));
    let kinds: Vec<_> = reports.iter().flat_map(|report| &report.items).map(|item| item.kind).collect();
    assert_eq!((reports.len(), kinds), (2, vec![Disagreement::CurrencyMismatch]));
}

#[test]
fn a_day_without_a_statement_misses_nothing() {
    let books = Books { covered: [].into(), ..books(vec![payment(1, 300, 5)], vec![]) };
    assert!(report(&books).agrees() && !report(&books).covered);
}

#[test]
fn the_ledger_must_have_each_payment_as_it_is() {
    let whole = books(vec![payment(1, 300, 5)], vec![line(1, Some(1), 300, 4)]);
    let mut other = whole.clone();
    other.captures[0].amount = cdf(299);
    let mut stray = whole.clone();
    stray
        .captures
        .push(Capture { payment_id: Id::from_uuid(Uuid::from_u128(9)), ..whole.captures[0].clone() });
    for books in [Books { captures: vec![], ..whole }, other, stray] {
        assert_eq!(kinds(&books), [Disagreement::Ledger]);
        assert!(!report(&books).ledger_agrees() && report(&books).statement_agrees());
    }
}

#[test]
fn a_payment_may_succeed_on_another_day_than_its_line_names() {
    // Told today of yesterday's transaction, and settled tomorrow by today's line.
    let payments = vec![payment(1, 300, 5), payment(2, 150, 3_000)];
    let report = report(&books(payments, vec![line(1, Some(1), 300, -5), line(2, Some(2), 150, 10)]));
    assert!(report.agrees(), "{report:?}");
    assert_eq!(report.dated_on_other_days, Tally { count: 1, sum: 300 });
    assert_eq!(report.settled_on_other_days, Tally { count: 1, sum: 150 });
}

#[test]
fn a_day_has_the_length_that_its_zone_gives_it() {
    let hours = |day: NaiveDate, zone| {
        let bounds = DayBounds::of(day, zone).unwrap();
        (bounds.to - bounds.from).num_hours()
    };
    assert_eq!(hours(day(), Kinshasa), 24);
    // Chile puts its clocks forward at midnight.
    let spring = NaiveDate::from_ymd_opt(2025, 9, 7).unwrap();
    assert_eq!(hours(spring, Santiago), 23);
    assert_eq!(hours(spring.pred_opt().unwrap(), Santiago), 24);
    assert!(DayBounds::of(NaiveDate::MAX, Kinshasa).is_none());
}

proptest! {
    #[test]
    fn a_report_without_items_adds_up(
        rows in prop::collection::vec((1i64..1_000, -2_000i64..4_000, -2_000i64..4_000, 0u8..12), 0..30)
    ) {
        let (mut payments, mut lines) = (Vec::new(), Vec::new());
        for (number, (minor, settled, dated, fault)) in (1u128..).zip(rows) {
            if fault != 0 {
                payments.push(payment(number, minor, settled));
            }
            if fault != 1 {
                lines.push(line(number, Some(number), minor + i64::from(fault == 2), dated));
            }
        }
        // Only what concerns the day is asked for.
        let relevant: Vec<_> = payments.into_iter().filter(|payment| super::is_of_day(payment, bounds()) || lines.iter().any(|line| bounds().contains(line.at) && line.payment_id == Some(payment.id))).collect();
        lines.retain(|line| bounds().contains(line.at) || relevant.iter().any(|payment| Some(payment.id) == line.payment_id));
        for report in compare(day(), bounds(), &books(relevant, lines), &[], at(0)) {
            prop_assert!(report.ledger_agrees());
            if report.agrees() {
                let moved = report.settled_on_other_days.sum - report.dated_on_other_days.sum;
                prop_assert_eq!(report.statement.sum, report.payments.sum + moved);
                prop_assert!(report.expected.count <= report.payments.count);
            } else {
                prop_assert!(!report.items.is_empty());
            }
        }
    }
}
