//! What is wanted of a session, state by state.

use chrono::{TimeDelta, TimeZone as _, Utc};
use kernel::{Id, Timestamp, id::ids::UserId};

use super::{Reason, wanted, within};
use crate::{
    access_profile::{Exhaustion, Limits},
    enforcement::Wish,
    login_time::Window,
    ports::nas::{LiveLimits, LiveRates},
    subscriber::{Period, QuotaState, Subscriber},
};

fn at(seconds: i64) -> Timestamp {
    Utc.timestamp_opt(1_800_000_000 + seconds, 0).unwrap()
}

fn student(state: QuotaState, expires_at: Option<Timestamp>) -> Subscriber {
    let user: UserId = Id::from_uuid(uuid::Uuid::nil());
    let id = Id::from_uuid(uuid::Uuid::nil());
    Subscriber { enabled: true, quota_state: state, expires_at, ..Subscriber::unheard(id, user, at(0)) }
}

fn limits(exhaustion: Exhaustion) -> Limits {
    Limits {
        upload_kbps: Some(512),
        download_kbps: Some(2_048),
        session_timeout_seconds: Some(3_600),
        exhaustion,
        ..Limits::default()
    }
}

fn change(up: Option<u32>, down: Option<u32>, seconds: u32) -> Wish {
    let rates = Some(LiveRates { upload_kbps: up, download_kbps: down });
    Wish::Change(LiveLimits { rates, session_timeout_seconds: Some(seconds) })
}

const THROTTLE: Exhaustion = Exhaustion::Throttle { upload_kbps: 1_000, download_kbps: 128 };

#[test]
fn what_is_wanted_follows_the_quota() {
    let throttled = QuotaState::Throttled { period: Period::Day, until: None };
    let blocked = QuotaState::Blocked { period: Period::Day, until: None };
    for (state, exhaustion, expected) in [
        (QuotaState::Open, THROTTLE, (change(Some(512), Some(2_048), 3_600), Reason::Profile)),
        // Nobody gets faster by being throttled.
        (throttled, THROTTLE, (change(Some(512), Some(128), 3_600), Reason::Quota)),
        (throttled, Exhaustion::Block, (change(Some(512), Some(2_048), 3_600), Reason::Profile)),
        (blocked, Exhaustion::Block, (Wish::End, Reason::Quota)),
        (blocked, THROTTLE, (Wish::End, Reason::Quota)),
    ] {
        let found = wanted(&student(state, None), Some(&limits(exhaustion)), at(0));
        assert_eq!(found, expected, "{state:?} {exhaustion:?}");
    }
}

#[test]
fn who_may_not_sign_in_is_put_out() {
    let off = Subscriber { enabled: false, ..student(QuotaState::Open, None) };
    let gone = Subscriber { archived_at: Some(at(1)), ..student(QuotaState::Open, None) };
    let limits = limits(Exhaustion::Block);
    assert_eq!(wanted(&off, Some(&limits), at(0)), (Wish::End, Reason::Disabled));
    assert_eq!(wanted(&gone, Some(&limits), at(0)), (Wish::End, Reason::Disabled));
    assert_eq!(wanted(&student(QuotaState::Open, None), None, at(0)), (Wish::End, Reason::Disabled));
}

#[test]
fn a_session_is_not_drawn_out_beyond_the_access() {
    let free = Limits::default();
    let timeout = |limits: &Limits, ends_in: Option<i64>| {
        let student = student(QuotaState::Open, ends_in.map(|seconds| at(0) + TimeDelta::seconds(seconds)));
        match wanted(&student, Some(limits), at(0)).0 {
            Wish::Change(limits) => limits.session_timeout_seconds.unwrap(),
            Wish::End => 0,
        }
    };
    let hour = limits(Exhaustion::Block);
    assert_eq!(timeout(&hour, Some(7_200)), 3_600);
    assert_eq!(timeout(&hour, Some(1_800)), 1_800);
    assert_eq!(timeout(&hour, Some(-5)), 1);
    // A limit that is lifted is lifted for who is online, too.
    assert_eq!(timeout(&free, None), Limits::MAX_TIMEOUT_SECONDS);
    assert_eq!(timeout(&free, Some(i64::from(u32::MAX) + 1)), Limits::MAX_TIMEOUT_SECONDS);
}

#[test]
fn a_session_ends_with_the_permitted_time_if_not_before() {
    let lasting = |seconds| change(None, None, seconds);
    for (window, longest, expected) in [
        (Window::Always, 3_600, lasting(3_600)),
        (Window::Open(600), 3_600, lasting(1_500)),
        (Window::Open(600), 1_000, lasting(1_000)),
        (Window::Closed, 3_600, Wish::End),
    ] {
        let found = within(window, (lasting(longest), Reason::Profile), TimeDelta::minutes(15));
        assert_eq!(found, (expected, Reason::Profile), "{window:?} {longest}");
    }
    let blocked = (Wish::End, Reason::Quota);
    assert_eq!(within(Window::Closed, blocked, TimeDelta::zero()), blocked);
}
