//! The tables and the decision, side by side.

mod forms;
mod model;

use chrono::TimeDelta;
use chrono_tz::UTC;
use kernel::{Clock as _, Id, Sealed, Timestamp, testing::Surroundings};
use proptest::prelude::*;

use super::{
    Decision, GroupName, Known, Login, PasswordForm, Refusal, SiteForms, Unfit,
    compile::{self, Ground},
    decide,
};
use crate::{
    access_profile::{AccessProfile, Exhaustion, Limits, Quota},
    attribute::Attribute,
    nas_client::Vendor,
    subscriber::{Period, Subscriber},
    testing::{member, terms},
    usage::Used,
};

const GIB: u64 = 1 << 30;

fn now() -> Timestamp {
    Surroundings::new().clock.now()
}

fn profile(limits: Limits) -> AccessProfile {
    let id = Id::generate(&Surroundings::new().ambient());
    AccessProfile::new(id, terms("Students", limits), now()).unwrap()
}

fn enabled() -> Subscriber {
    let ambient = Surroundings::new().ambient();
    let secret = Sealed::from_stored("s1.k.n.c".to_owned());
    Subscriber { enabled: true, ..member(&ambient, Id::generate(&ambient), "anna", secret) }
}

fn everything() -> Limits {
    Limits {
        upload_kbps: Some(512),
        download_kbps: Some(2048),
        quota: Quota { day: Some(3 * GIB), week: None, month: Some(10 * GIB), total: None },
        session_timeout_seconds: Some(7200),
        idle_timeout_seconds: Some(300),
        simultaneous_use: Some(2),
        login_time: None,
        exhaustion: Exhaustion::Block,
    }
}

fn shown(attributes: &[Attribute]) -> Vec<String> {
    attributes.iter().map(|attribute| format!("{} := {}", attribute.name, attribute.value)).collect()
}

#[test]
fn what_all_have_in_common_stands_in_the_group() {
    let profile = profile(everything());
    let groups = compile::groups(&profile, Vendor::Mikrotik);
    assert_eq!(groups.len(), 1);
    assert_eq!(shown(&groups[0].check), ["Simultaneous-Use := 2"]);
    assert_eq!(
        shown(&groups[0].reply),
        [
            "Session-Timeout := 7200",
            "Idle-Timeout := 300",
            "Acct-Interim-Interval := 300",
            "Mikrotik-Rate-Limit := 512k/2048k",
        ]
    );
    let unlimited = compile::groups(&self::profile(Limits::default()), Vendor::Mikrotik);
    assert!(unlimited[0].check.is_empty());
    assert_eq!(shown(&unlimited[0].reply), ["Session-Timeout := 21474720", "Acct-Interim-Interval := 300"]);
}

#[test]
fn each_version_and_each_profile_has_groups_of_its_own() {
    let ambient = Surroundings::new().ambient();
    let first = profile(everything());
    let twin = AccessProfile { id: Id::generate(&ambient), ..first.clone() };
    let next = AccessProfile { version: 2, ..first.clone() };
    // Made within one moment, ids begin alike.
    let twin = AccessProfile { id: Id::generate(&ambient), ..twin };
    let names =
        [&first, &twin, &next].map(|profile| GroupName::of(profile, false, Vendor::Mikrotik).to_string());
    assert!(names[0] != names[1] && names[0] != names[2], "{names:?}");
    assert!(names.iter().all(|name| name.len() <= 64 && name.starts_with("ap-")));
    assert_ne!(GroupName::of(&first, false, Vendor::Wispr).to_string(), names[0]);
    assert_eq!(GroupName::of(&first, true, Vendor::Mikrotik).to_string(), format!("{}-throttled", names[0]));
}

#[test]
fn a_group_that_is_made_here_is_known_by_its_name() {
    let first = profile(everything());
    for vendor in Vendor::ALL {
        for throttled in [false, true] {
            let name = GroupName::of(&first, throttled, vendor);
            assert!(GroupName::is_made_here(name.as_str()), "{name}");
        }
    }
    let name = GroupName::of(&first, false, Vendor::Mikrotik).to_string();
    let renamed = name.replace("-v1", "");
    let strange = format!("{name}-slow");
    for foreign in
        ["", "ap-", "ap-staff", "ap-staff-v1", "ap-0123456789xy-v1", &renamed, &strange, "staff-v1"]
    {
        assert!(!GroupName::is_made_here(foreign), "{foreign}");
    }
}

#[test]
fn what_is_ones_own_stands_with_the_user() {
    let profile = profile(everything());
    let subscriber = Subscriber { expires_at: Some(now() + TimeDelta::days(30)), ..enabled() };
    let used = Used { day: GIB, month: GIB, ..Used::default() };
    let entry =
        compile::user(&subscriber, "s3cret", Ground::Profile(&profile), used, SiteForms::default()).unwrap();
    assert_eq!(entry.group, Some(GroupName::of(&profile, false, Vendor::Mikrotik)));
    assert_eq!(shown(&entry.check), ["Cleartext-Password := s3cret", "Expiration := 1771243200"]);
    assert_eq!(shown(&entry.reply), ["Mikrotik-Total-Limit := 2147483648"]);
    assert!(!format!("{entry:?}").contains("s3cret"));

    // Sold limits stand there too.
    let sold = compile::user(&subscriber, "s3cret", Ground::Sold(&everything()), used, SiteForms::default())
        .unwrap();
    assert_eq!(sold.group, None);
    assert_eq!(sold.check.len(), 3);
    assert_eq!(sold.reply.len(), 5);
}

#[test]
fn who_has_used_everything_is_rejected_in_the_check_table_and_told_so() {
    let used = Used { day: 4 * GIB, month: 4 * GIB, ..Used::default() };
    let profile = profile(everything());
    let entry =
        compile::user(&enabled(), "s3cret", Ground::Profile(&profile), used, SiteForms::default()).unwrap();
    assert_eq!(shown(&entry.check), ["Cleartext-Password := s3cret", "Auth-Type := Reject"]);
    assert_eq!(shown(&entry.reply), ["Reply-Message := Votre volume du jour est épuisé."]);
}

#[test]
fn who_is_throttled_stays_in_with_the_lower_rate_and_no_end() {
    let exhaustion = Exhaustion::Throttle { upload_kbps: 64, download_kbps: 4096 };
    let profile = profile(Limits { exhaustion, ..everything() });
    let groups = compile::groups(&profile, Vendor::Mikrotik);
    assert!(shown(&groups[1].reply).contains(&"Mikrotik-Rate-Limit := 64k/2048k".to_owned()), "{groups:?}");
    for (day, throttled) in [(GIB, false), (3 * GIB, true)] {
        let used = Used { day, ..Used::default() };
        let entry =
            compile::user(&enabled(), "x", Ground::Profile(&profile), used, SiteForms::default()).unwrap();
        assert_eq!(entry.group, Some(GroupName::of(&profile, throttled, Vendor::Mikrotik)));
        assert!(entry.reply.is_empty(), "{entry:?}");
    }
}

fn ask(subscriber: &Subscriber, limits: Option<&Limits>, used: Used, open_sessions: u64) -> Decision {
    let proof = |secret: &str| secret == "s3cret";
    let login = Login { proof: &proof, open_sessions, vendor: Vendor::Mikrotik, at: now(), zone: UTC };
    decide(&login, Some(&Known { subscriber, secret: "s3cret", limits, used }))
}

#[test]
fn each_refusal_has_its_reason() {
    let (limits, none) = (everything(), Used::default());
    let reason = |decision| match decision {
        Decision::Refuse(refusal) => refusal,
        Decision::Accept(replies) => panic!("accepted with {replies:?}"),
    };
    let user = enabled();
    let disabled = Subscriber { enabled: false, ..enabled() };
    assert_eq!(reason(ask(&disabled, Some(&limits), none, 0)), Refusal::Disabled);
    assert_eq!(reason(ask(&user, None, none, 0)), Refusal::Disabled);
    let expired = Subscriber { expires_at: Some(now()), ..enabled() };
    assert_eq!(reason(ask(&expired, Some(&limits), none, 0)), Refusal::Expired);
    let all = Used { day: 0, month: 10 * GIB, ..none };
    assert_eq!(reason(ask(&user, Some(&limits), all, 0)), Refusal::QuotaUsedUp(Period::Month));
    let closed = Limits { login_time: Some("Su0000-0001".parse().unwrap()), ..everything() };
    assert_eq!(reason(ask(&user, Some(&closed), none, 2)), Refusal::OutsideLoginTime);
    assert_eq!(reason(ask(&user, Some(&closed), all, 2)), Refusal::QuotaUsedUp(Period::Month));
    assert_eq!(reason(ask(&user, Some(&limits), none, 2)), Refusal::TooManySessions { limit: 2 });
    assert!(matches!(ask(&user, Some(&limits), none, 1), Decision::Accept(_)));

    let login = Login { proof: &|_| false, open_sessions: 0, vendor: Vendor::Mikrotik, at: now(), zone: UTC };
    assert_eq!(reason(decide(&login, None)), Refusal::Unknown);
    let known = Known { subscriber: &expired, secret: "s3cret", limits: Some(&limits), used: all };
    // Who does not know the secret learns nothing else.
    assert_eq!(reason(decide(&login, Some(&known))), Refusal::WrongSecret);
}

#[test]
fn a_session_ends_with_the_access() {
    let subscriber = Subscriber { expires_at: Some(now() + TimeDelta::minutes(10)), ..enabled() };
    let Decision::Accept(replies) = ask(&subscriber, Some(&everything()), Used::default(), 0) else {
        panic!("not accepted");
    };
    assert_eq!(shown(&replies)[0], "Session-Timeout := 600");
}

fn any_limits() -> impl Strategy<Value = Limits> {
    let rate = || prop::option::of(1..=Limits::MAX_KBPS);
    let quota = || prop::option::of(1..=Limits::MAX_QUOTA);
    let timeout = || prop::option::of(1..=Limits::MAX_TIMEOUT_SECONDS);
    let exhaustion = prop_oneof![
        Just(Exhaustion::Block),
        (1..=Limits::MAX_KBPS, 1..=Limits::MAX_KBPS)
            .prop_map(|(upload_kbps, download_kbps)| Exhaustion::Throttle { upload_kbps, download_kbps }),
    ];
    let quotas = (quota(), quota(), quota(), quota());
    let times = vec!["Al", "Wk0800-1959", "Mo-We,Sa2200-0559", "Su-Th0000-2359", "Fr0900-1000,Fr1001-1100"];
    let times = prop::option::of(prop::sample::select(times));
    let timeouts = (timeout(), timeout());
    (rate(), rate(), quotas, timeouts, prop::option::of(1..5u16), times, exhaustion).prop_map(
        |(
            upload_kbps,
            download_kbps,
            (day, week, month, total),
            (session, idle),
            simultaneous_use,
            times,
            exhaustion,
        )| Limits {
            upload_kbps,
            download_kbps,
            quota: Quota { day, week, month, total },
            session_timeout_seconds: session,
            idle_timeout_seconds: idle,
            simultaneous_use,
            login_time: times.map(|times| times.parse().unwrap()),
            exhaustion,
        },
    )
}

proptest! {
    /// FreeRADIUS, as it was measured, answers from the tables what the embedded server answers by itself.
    #[test]
    fn the_tables_and_the_decision_agree(
        limits in any_limits(),
        used in prop_oneof![Just(0u64), 0..=Limits::MAX_QUOTA, Just(u64::MAX)],
        ends_in in prop::option::of(-10i64..400 * 86_400),
        open in 0..6u64,
        sold: bool,
        right: bool,
        vendor in prop::sample::select(&Vendor::ALL[..]),
        second in 0..7 * 86_400i64,
    ) {
        let at = now() + TimeDelta::seconds(second);
        let subscriber =
            Subscriber { expires_at: ends_in.map(|seconds| at + TimeDelta::seconds(seconds)), ..enabled() };
        let used = Used { day: used, week: used, month: used, total: used };
        let mut profile = profile(Limits::default());
        profile.limits = limits.clone();
        let ground = if sold { Ground::Sold(&limits) } else { Ground::Profile(&profile) };
        let forms = SiteForms { vendor, password: PasswordForm::Cleartext };
        let entry = compile::user(&subscriber, "s3cret", ground, used, forms).unwrap();
        let password = if right { "s3cret" } else { "other" };
        let tables = model::Tables { user: &entry, groups: &compile::groups(&profile, vendor) };
        let by_tables = tables.answer(password, open, at);

        let proof = |secret: &str| secret == password;
        let login = Login { proof: &proof, open_sessions: open, vendor, at, zone: UTC };
        let known = Known { subscriber: &subscriber, secret: "s3cret", limits: Some(&limits), used };
        let decided = match decide(&login, Some(&known)) {
            Decision::Accept(mut replies) => {
                replies.sort();
                Some(replies)
            }
            Decision::Refuse(_) => None,
        };
        prop_assert_eq!(by_tables, decided);
    }

    /// No value that is compiled is one that FreeRADIUS would cut, negate or execute.
    #[test]
    fn every_number_fits_its_attribute(
        limits in any_limits(),
        used in 0..=Limits::MAX_QUOTA,
        vendor in prop::sample::select(&Vendor::ALL[..]),
    ) {
        let used = Used { day: used, week: used, month: used, total: used };
        let forms = SiteForms { vendor, password: PasswordForm::Cleartext };
        let entry = compile::user(&enabled(), "s3cret", Ground::Sold(&limits), used, forms).unwrap();
        for attribute in entry.check.iter().chain(&entry.reply) {
            prop_assert!(model::is_well_formed(attribute), "{:?}", attribute);
        }
        let left = limits.quota.left(used);
        let told = model::told_quota(&entry.reply);
        match (limits.exhaustion, left, vendor) {
            (Exhaustion::Block, Some(left), Vendor::Mikrotik | Vendor::CoovaChilli) if left > 0 => {
                prop_assert_eq!(told, Some(left));
            }
            (Exhaustion::Block, Some(left), Vendor::PfSense) if left > 0 => {
                prop_assert_eq!(told, Some(left.min(u32::MAX.into())));
            }
            _ => prop_assert_eq!(told, None),
        }
    }

    #[test]
    fn names_and_secrets_that_stand_in_the_tables_come_back_as_they_are(name in ".{0,40}", secret in ".{0,40}") {
        let subscriber = Subscriber { username: name.clone(), ..enabled() };
        match compile::check(&subscriber, &secret, PasswordForm::Cleartext) {
            Ok(()) => {
                prop_assert!(model::passes_filter(&name), "{name:?}");
                prop_assert_eq!(model::read_value(&secret), Some(secret.as_str()));
            }
            Err(Unfit::SecretQuoted) => prop_assert_ne!(model::read_value(&secret), Some(secret.as_str())),
            Err(_) => {}
        }
    }
}
