use kernel::{Clock as _, Id, testing::Surroundings};

use super::{AccessProfile, Exhaustion, Limits, Quota, TermProblem, Terms};
use crate::testing::terms;

fn faults(terms: Terms) -> Vec<&'static str> {
    let around = Surroundings::new();
    let made = AccessProfile::new(Id::generate(&around.ambient()), terms, around.clock.now());
    made.err().unwrap_or_default().iter().map(|fault| fault.field).collect()
}

#[test]
fn every_field_out_of_its_range_is_named() {
    let limits = Limits {
        upload_kbps: Some(0),
        download_kbps: Some(Limits::MAX_KBPS + 1),
        quota: Quota { day: Some(0), total: Some(Limits::MAX_QUOTA + 1), ..Quota::default() },
        session_timeout_seconds: Some(0),
        idle_timeout_seconds: Some(Limits::MAX_TIMEOUT_SECONDS + 1),
        simultaneous_use: Some(0),
        login_time: None,
        exhaustion: Exhaustion::Throttle { upload_kbps: 0, download_kbps: 1 },
    };
    let wrong = Terms {
        name: " x".to_owned(),
        description: "é".repeat(501),
        validity_days: 6,
        ..terms("Students", limits)
    };
    assert_eq!(
        faults(wrong),
        [
            "upload_kbps",
            "download_kbps",
            "throttle_upload_kbps",
            "session_timeout_seconds",
            "idle_timeout_seconds",
            "simultaneous_use",
            "daily_limit",
            "total_limit",
            "name",
            "description",
            "validity_days",
        ]
    );
    for (days, fits) in [(6, false), (7, true), (365, true), (366, false)] {
        let found = faults(Terms { validity_days: days, ..terms("Students", Limits::default()) });
        assert_eq!(found.is_empty(), fits, "{days}");
    }
}

#[test]
fn a_longer_period_has_no_smaller_quota_than_a_shorter_one() {
    let of =
        |day, week, month, total| Limits { quota: Quota { day, week, month, total }, ..Limits::default() };
    for limits in
        [of(Some(1), Some(1), Some(1), Some(1)), of(Some(1), None, None, Some(2)), of(None, None, None, None)]
    {
        assert_eq!(faults(terms("Students", limits.clone())), [""; 0], "{limits:?}");
    }
    for (limits, field, shorter) in [
        (of(Some(2), Some(1), None, None), "weekly_limit", "daily_limit"),
        (of(Some(2), None, None, Some(1)), "total_limit", "daily_limit"),
        (of(None, Some(5), Some(4), Some(9)), "monthly_limit", "weekly_limit"),
    ] {
        let found = limits.faults();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].field, &found[0].problem), (field, &TermProblem::LessThan(shorter)));
    }
}

#[test]
fn its_version_counts_what_is_enforced() {
    let around = Surroundings::new();
    let first = terms("Students", Limits::default());
    let mut profile =
        AccessProfile::new(Id::generate(&around.ambient()), first.clone(), around.clock.now()).unwrap();
    assert_eq!(profile.change(first.clone()), Ok(false));
    assert_eq!(profile.change(Terms { name: "Staff".to_owned(), ..first.clone() }), Ok(true));
    assert_eq!((profile.version, profile.name.as_str()), (1, "Staff"));
    assert_eq!(profile.change(Terms { validity_days: 8, ..first.clone() }), Ok(true));
    let faster = Limits { upload_kbps: Some(512), ..Limits::default() };
    assert_eq!(profile.change(Terms { limits: faster, ..first.clone() }), Ok(true));
    assert_eq!(profile.version, 3);
    assert!(profile.change(Terms { validity_days: 1, ..first }).is_err());
    assert_eq!(profile.version, 3);
}
