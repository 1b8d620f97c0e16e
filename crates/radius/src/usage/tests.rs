//! Days and periods where clocks change, and sums that are exact.

use chrono::{NaiveDate, TimeDelta, TimeZone as _, Utc};
use chrono_tz::{Africa::Kinshasa, America::Sao_Paulo, Europe::Paris, Pacific::Apia, Tz};
use kernel::Timestamp;
use proptest::prelude::*;

use super::{Calendar, Counters, Growth, beginning_of, by_day, day_of};
use crate::subscriber::Period;

fn utc(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn spread(from: &str, to: &str, up: u64, zone: Tz) -> Vec<(NaiveDate, u64)> {
    let growth = Growth { from: utc(from), to: utc(to), added: Counters { up, down: 0 } };
    by_day(&growth, zone).into_iter().map(|(day, used)| (day, used.up)).collect()
}

#[test]
fn a_day_begins_at_local_midnight() {
    assert_eq!(beginning_of(day("2026-01-17"), Kinshasa), utc("2026-01-16T23:00:00Z"));
    assert_eq!(beginning_of(day("2026-03-29"), Paris), utc("2026-03-28T23:00:00Z"));
    assert_eq!(beginning_of(day("2026-03-30"), Paris), utc("2026-03-29T22:00:00Z"));
    assert_eq!(beginning_of(day("2026-10-26"), Paris), utc("2026-10-25T23:00:00Z"));
}

#[test]
fn a_day_without_midnight_begins_after_the_gap() {
    // São Paulo moved its clocks from 0:00 to 1:00 on 4 November 2018, Apia left out 30 December 2011.
    assert_eq!(beginning_of(day("2018-11-04"), Sao_Paulo), utc("2018-11-04T03:00:00Z"));
    assert_eq!(beginning_of(day("2011-12-30"), Apia), utc("2011-12-30T10:00:00Z"));
    assert_eq!(beginning_of(day("2011-12-31"), Apia), utc("2011-12-30T10:00:00Z"));
}

#[test]
fn periods_are_those_of_the_local_calendar() {
    // A Sunday evening in UTC that is Monday, 1 June in Kinshasa.
    let at = utc("2026-05-31T23:30:00Z");
    let calendar = Calendar::at(at, Kinshasa);
    assert_eq!(calendar.today, day("2026-06-01"));
    assert_eq!(calendar.week, (day("2026-06-01"), day("2026-06-07")));
    assert_eq!(calendar.month, (day("2026-06-01"), day("2026-06-30")));
    let before = Calendar::at(at - TimeDelta::hours(1), Kinshasa);
    assert_eq!(before.today, day("2026-05-31"));
    assert_eq!((before.week.0, before.month.0), (day("2026-05-25"), day("2026-05-01")));
    let until = |period: Period| period.span(at, Kinshasa).until;
    assert_eq!(until(Period::Day), Some(utc("2026-06-01T23:00:00Z")));
    assert_eq!(until(Period::Week), Some(utc("2026-06-07T23:00:00Z")));
    assert_eq!(until(Period::Month), Some(utc("2026-06-30T23:00:00Z")));
    assert_eq!(until(Period::Total), None);
}

#[test]
fn use_over_midnight_is_split_in_proportion_to_time() {
    let split = spread("2026-01-17T22:50:00Z", "2026-01-17T23:05:00Z", 300, Kinshasa);
    assert_eq!(split, [(day("2026-01-17"), 200), (day("2026-01-18"), 100)]);
    let whole = spread("2026-01-17T22:50:00Z", "2026-01-17T23:00:00Z", 300, Kinshasa);
    assert_eq!(whole, [(day("2026-01-17"), 300)]);
    let none = spread("2026-01-17T12:00:00Z", "2026-01-17T12:00:00Z", 300, Kinshasa);
    assert_eq!(none, [(day("2026-01-17"), 300)]);
}

#[test]
fn a_day_of_twenty_three_hours_gets_twenty_three_parts() {
    let split = spread("2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z", 71, Paris);
    assert_eq!(split, [(day("2026-03-28"), 24), (day("2026-03-29"), 23), (day("2026-03-30"), 24)]);
    let autumn = spread("2026-10-24T22:00:00Z", "2026-10-26T23:00:00Z", 49, Paris);
    assert_eq!(autumn, [(day("2026-10-25"), 25), (day("2026-10-26"), 24)]);
}

proptest! {
    #[test]
    fn the_parts_sum_up_to_the_whole_and_lie_within_their_days(
        zone in prop::sample::select(vec![Kinshasa, Paris, Sao_Paulo, Apia]),
        from in 1_300_000_000_i64..1_800_000_000,
        micros in 0_i64..40 * 86_400_000_000,
        up in 0_u64..1_000_000_000_000_000,
        down in 0_u64..1_000,
    ) {
        let from = Utc.timestamp_opt(from, 0).unwrap();
        let growth = Growth { from, to: from + TimeDelta::microseconds(micros), added: Counters { up, down } };
        let parts = by_day(&growth, zone);
        let sum = parts.iter().fold(Counters::default(), |sum, (_, part)| sum.plus(*part));
        prop_assert_eq!(sum, growth.added);
        prop_assert!(parts.is_sorted_by(|one, next| one.0 < next.0));
        for (day, _) in parts {
            prop_assert!(day >= day_of(growth.from, zone) && day <= day_of(growth.to, zone));
        }
    }

    #[test]
    fn every_day_begins_with_its_first_moment(
        zone in prop::sample::select(vec![Kinshasa, Paris, Sao_Paulo, Apia]),
        at in 0_i64..1_900_000_000,
    ) {
        let at = Utc.timestamp_opt(at, 0).unwrap();
        let day = day_of(at, zone);
        let beginning = beginning_of(day, zone);
        prop_assert!(beginning <= at);
        prop_assert_eq!(day_of(beginning, zone), day);
        prop_assert!(day_of(beginning - TimeDelta::seconds(1), zone) < day);
    }
}
