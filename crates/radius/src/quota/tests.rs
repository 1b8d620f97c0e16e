//! What is left, what is used up, and what is told.

use chrono_tz::Africa::Kinshasa;
use kernel::Timestamp;

use super::{Warning, days_left, state, warnings};
use crate::{
    access_profile::{Exhaustion, Limits, Quota},
    subscriber::{Period, QuotaState},
    usage::Used,
};

const QUOTA: Quota = Quota { day: Some(1_000), week: Some(5_000), month: None, total: Some(9_000) };

fn limits(exhaustion: Exhaustion) -> Limits {
    Limits { quota: QUOTA, exhaustion, ..Limits::default() }
}

fn now() -> Timestamp {
    "2026-01-17T12:00:00Z".parse().unwrap()
}

fn used(day: u64, week: u64, total: u64) -> Used {
    Used { day, week, month: week, total }
}

fn told(used: Used, expires_at: Option<&str>) -> Vec<Warning> {
    let end = expires_at.map(|text| text.parse().unwrap());
    warnings(&limits(Exhaustion::Block), used, end, now(), Kinshasa)
}

#[test]
fn the_nearest_limit_says_what_is_left_and_nothing_is_ever_negative() {
    assert_eq!(QUOTA.left(used(400, 4_900, 4_900)), Some(100));
    assert_eq!(QUOTA.left(used(2_000, 2_000, 2_000)), Some(0));
    assert_eq!(Quota::default().left(used(1, 1, 1)), None);
    assert_eq!(
        (QUOTA.percent(Period::Day, used(799, 0, 0)), QUOTA.percent(Period::Month, used(1, 1, 1))),
        (Some(79), None)
    );
    assert_eq!(QUOTA.percent(Period::Day, used(u64::MAX, 0, 0)), Some(100));
}

#[test]
fn of_several_that_are_used_up_the_longest_counts() {
    let until = Period::Day.span(now(), Kinshasa).until;
    let blocked = |period, until| QuotaState::Blocked { period, until };
    let limits = limits(Exhaustion::Block);
    assert_eq!(state(&limits, used(999, 999, 999), now(), Kinshasa), QuotaState::Open);
    assert_eq!(state(&limits, used(1_000, 1_000, 1_000), now(), Kinshasa), blocked(Period::Day, until));
    assert_eq!(state(&limits, used(1_000, 5_000, 9_000), now(), Kinshasa), blocked(Period::Total, None));
    let slow = self::limits(Exhaustion::Throttle { upload_kbps: 64, download_kbps: 64 });
    let week = Period::Week.span(now(), Kinshasa).until;
    assert_eq!(
        state(&slow, used(0, 5_000, 5_000), now(), Kinshasa),
        QuotaState::Throttled { period: Period::Week, until: week }
    );
}

#[test]
fn the_highest_threshold_is_told_for_the_lower_ones_too() {
    assert!(told(used(799, 799, 799), None).is_empty());
    for (used_today, code, percent, implied) in
        [(800, "quota_warning", 80, 0), (950, "quota_critical", 95, 1), (1_200, "quota_exhausted", 100, 2)]
    {
        let warnings = told(used(used_today, used_today, used_today), None);
        let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
        assert_eq!((warning.code, warning.percent), (code, Some(percent)));
        assert_eq!((warning.period, warning.implies.len()), (Some(Period::Day), implied));
    }
    let warnings = told(used(900, 4_800, 9_000), None);
    let told: Vec<_> = warnings.iter().map(|warning| (warning.period, warning.code)).collect();
    assert_eq!(
        told,
        [
            (Some(Period::Day), "quota_warning"),
            (Some(Period::Week), "quota_critical"),
            (Some(Period::Total), "quota_exhausted"),
        ]
    );
}

#[test]
fn an_end_that_is_near_is_told_and_one_that_has_come_is_not() {
    let code = |end: &str| told(Used::default(), Some(end)).first().map(|w| (w.code, w.expires_in_days));
    assert_eq!(code("2026-01-24T12:00:00Z"), None);
    assert_eq!(code("2026-01-24T11:59:59Z"), Some(("expiry_warning", Some(6))));
    assert_eq!(code("2026-01-19T11:59:59Z"), Some(("expiry_imminent", Some(1))));
    assert_eq!(code("2026-01-17T12:00:01Z"), Some(("expiry_imminent", Some(0))));
    assert_eq!(code("2026-01-17T12:00:00Z"), None);
    assert_eq!(days_left("2026-01-16T12:00:00Z".parse().unwrap(), now()), 0);
}
