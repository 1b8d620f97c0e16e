//! What was used does not depend on the order in which it was heard.

use chrono::{DateTime, TimeDelta};
use kernel::Timestamp;
use proptest::prelude::*;

use super::{Meter, Reading, Width};
use crate::observation::{Counters, Seen};

fn began() -> Timestamp {
    DateTime::from_timestamp(1_768_651_200, 0).unwrap()
}

fn said(age: u64, up: u64, down: u64) -> Seen {
    let at = began() + TimeDelta::seconds(age.cast_signed());
    Seen { at, started_at: Some(began()), stopped_at: None, age, counters: Counters { up, down } }
}

/// What a meter adds up, hearing these reports one after the other.
fn heard(reports: &[Seen], width: Width) -> Counters {
    let (mut meter, mut used, mut heard_at) = (Meter::default(), Counters::default(), began());
    for report in reports {
        if let Reading::Grown(growth) = meter.read(report, heard_at, width) {
            assert!(growth.from <= growth.to);
            used = used.plus(growth.added);
        }
        heard_at = heard_at.max(report.at);
    }
    used
}

/// What a NAS counts over some intervals of five minutes: what it says, and what it was.
fn counted(steps: &[(u64, u64)], modulus: u64) -> (Vec<Seen>, Counters) {
    let (mut reports, mut truth) = (Vec::new(), Counters::default());
    for (interval, (up, down)) in (1_u64..).zip(steps) {
        truth = truth.plus(Counters { up: *up, down: *down });
        reports.push(said(300 * interval, truth.up % modulus, truth.down % modulus));
    }
    (reports, truth)
}

fn steps(most: u64) -> impl Strategy<Value = Vec<(u64, u64)>> {
    prop::collection::vec((0..most, 0..most), 1..=8)
}

fn mixed(reports: Vec<Seen>) -> impl Strategy<Value = Vec<Seen>> {
    let twice: Vec<Seen> = reports.iter().chain(&reports).copied().collect();
    Just(twice).prop_shuffle()
}

proptest! {
    #[test]
    fn reports_count_once_in_whatever_order_and_however_often_they_come(
        (mixed, truth) in steps(u64::MAX / 1_000_000).prop_flat_map(|steps| {
            let (reports, truth) = counted(&steps, u64::MAX);
            (mixed(reports), Just(truth))
        })
    ) {
        prop_assert_eq!(heard(&mixed, Width::Bits64), truth);
    }

    #[test]
    fn counters_without_gigawords_lose_nothing_where_they_wrap(
        (mixed, truth) in steps(1 << 32).prop_flat_map(|steps| {
            let (reports, truth) = counted(&steps, 1 << 32);
            (mixed(reports), Just(truth))
        })
    ) {
        prop_assert_eq!(heard(&mixed, Width::Bits32), truth);
    }

    #[test]
    fn a_report_that_is_lost_is_made_up_for_by_the_next(
        (some, truth) in steps(1 << 40).prop_flat_map(|steps| {
            let (reports, truth) = counted(&steps, u64::MAX);
            let last = reports.last().copied();
            let rest = prop::sample::subsequence(reports.clone(), 0..=reports.len());
            (rest.prop_map(move |mut some| { some.extend(last); some }).prop_shuffle(), Just(truth))
        })
    ) {
        prop_assert_eq!(heard(&some, Width::Bits64), truth);
    }
}

#[test]
fn counters_that_begin_anew_in_the_middle_are_added_up() {
    let reports = [said(300, 10, 5), said(600, 3, 7), said(900, 4, 9)];
    let truth = Counters { up: 14, down: 14 };
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(heard(&order.map(|at| reports[at]), Width::Bits64), truth, "{order:?}");
    }
}

#[test]
fn a_nas_that_forgets_counts_from_zero_and_its_late_reports_still_count() {
    let mut reboot = said(60, 500, 500);
    reboot.at = began() + TimeDelta::seconds(1_000);
    let (first, last, late) = (said(300, 10, 10), said(900, 900, 900), said(920, 950, 950));
    assert_eq!(heard(&[first, last, reboot], Width::Bits64), Counters { up: 1_400, down: 1_400 });
    assert_eq!(heard(&[first, last, reboot, late], Width::Bits64), Counters { up: 1_450, down: 1_450 });
    assert_eq!(
        heard(&[first, last, reboot, first, reboot], Width::Bits64),
        Counters { up: 1_400, down: 1_400 }
    );
}

#[test]
fn an_old_report_without_a_time_of_its_own_is_not_taken_for_a_new_beginning() {
    let mut overtaken = said(300, 10, 10);
    overtaken.at = began() + TimeDelta::seconds(905);
    let mut meter = Meter::default();
    meter.read(&said(900, 900, 900), began(), Width::Bits64);
    assert_eq!(meter.read(&overtaken, began() + TimeDelta::seconds(900), Width::Bits64), Reading::Stale);
}

#[test]
fn what_is_older_than_what_is_kept_is_passed_over() {
    let reports: Vec<Seen> = (1..=20).map(|at| said(300 * at, 10 * at, 0)).collect();
    let mut meter = Meter::default();
    for report in &reports {
        meter.read(report, report.at, Width::Bits64);
    }
    assert!(meter.dropped() && meter.points().len() == 8);
    assert_eq!(
        meter.read(&said(450, 15, 0), began() + TimeDelta::seconds(6_000), Width::Bits64),
        Reading::Stale
    );
    let kept = Meter::restore(meter.points().iter().rev().copied().collect(), true);
    assert_eq!(kept, meter);
}

#[test]
fn a_second_end_with_less_in_it_takes_nothing_away() {
    let reports = [said(300, 6, 6), said(600, 12, 12), said(600, 0, 0)];
    assert_eq!(heard(&reports, Width::Bits64), Counters { up: 12, down: 12 });
}
