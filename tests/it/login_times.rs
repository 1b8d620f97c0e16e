//! One table of times of the week, of the moments in and around them, and of how long a session may last then: a real
//! FreeRADIUS, the embedded server and `explain` answer it alike, by the clocks of the site's zone.

use std::sync::Arc;

use chrono::{Datelike as _, Timelike as _};
use chrono_tz::Tz;
use kernel::{Ambient, Clock as _, Id, Origin, Timestamp, sealed::Purpose, testing::Surroundings};
use persistence::testing::TestDatabase;
use radius::{
    Subscriber,
    access_profile::Limits,
    policy::{Decision, Refusal},
    ports::RadiusStore,
    testing::{member, terms},
};
use serde_json::json;

use crate::{
    app::TestApp,
    freeradius::{FreeRadius, SECRET, program},
    radius_wire::{Method, RadiusServer},
};

const PASSWORD: &str = "Zebra-4711";
const DAYS: [&str; 7] = ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"];

/// Times around a moment.
struct Case {
    name: &'static str,
    times: String,
    /// The longest session of the profile, in seconds.
    longest: Option<u32>,
    /// How long the session may last; none who is not let in.
    expected: Option<u32>,
}

/// A zone in which it is about noon, so that no case is over midnight, and never UTC.
fn zone(now: Timestamp) -> Tz {
    let ahead = match 12 - i64::from(now.hour()) {
        0 => 1,
        ahead => ahead,
    };
    // These are named by what has to be added to reach UTC.
    format!("Etc/GMT{:+}", -ahead).parse().unwrap()
}

fn cases(now: Timestamp, zone: Tz) -> Vec<Case> {
    let local = now.with_timezone(&zone);
    let day = usize::try_from(local.weekday().num_days_from_sunday()).unwrap();
    let (today, tomorrow) = (DAYS[day], DAYS[(day + 1) % 7]);
    let minute = i64::from(local.hour() * 60 + local.minute());
    let hours = |from: i64, to: i64| {
        let [from, to] = [minute + from, minute + to].map(|at| format!("{:02}{:02}", at / 60, at % 60));
        format!("{today}{from}-{to}")
    };
    let hour = Some(3_600);
    let of = |name, times: String, longest, expected| Case { name, times, longest, expected };
    let rest = u32::try_from(24 * 60 - minute).unwrap() * 60 + 86_400;
    vec![
        of("always", "Al".to_owned(), hour, hour),
        of("whole-day", today.to_lowercase(), hour, hour),
        of("long", hours(-60, 120), hour, hour),
        of("half-hour", hours(-60, 29), hour, Some(1_800)),
        of("half-hour-without-a-longest", hours(-60, 29), None, Some(1_800)),
        of("last-minute", hours(-60, 0), hour, Some(60)),
        of("touching", format!("{},{}", hours(-5, 0), hours(1, 9)), hour, Some(600)),
        of("two-days", format!("{today}-{tomorrow}"), None, Some(rest)),
        of("soon", hours(1, 60), hour, None),
        of("over", hours(-60, -1), hour, None),
        of("tomorrow", tomorrow.to_owned(), hour, None),
    ]
}

/// A portal in a zone at the real time, from which this machine may ask.
async fn campus(database: TestDatabase) -> (TestApp, Tz) {
    let around = Surroundings::new();
    let now = Ambient::system().now();
    around.clock.advance(now - around.clock.now());
    let zone = zone(now);
    let settings = [
        ("APP_TIMEZONE", zone.name()),
        ("RADIUS_MODE", "embedded"),
        ("RADIUS_AUTH_ADDR", "127.0.0.1:0"),
        ("RADIUS_ACCT_ADDR", "127.0.0.1:0"),
    ];
    let app = TestApp::on(Arc::new(database), &settings, around, None).await;
    let admin = app.log_in("admin@demo.test").await;
    let nas = json!({"name": "lab", "address": "127.0.0.1", "secret": SECRET});
    app.post("/api/v1/admin/radius/nas-clients", &admin, nas).await.data(201);
    (app, zone)
}

impl Case {
    /// Enables somebody who has the name of the case and a profile with its times.
    async fn stand(&self, app: &TestApp) {
        let (ambient, services) = (app.around.ambient(), &app.composition.services);
        let staff = Origin::system("test");
        let limits = Limits {
            session_timeout_seconds: self.longest,
            login_time: Some(self.times.parse().unwrap()),
            ..Limits::default()
        };
        let profile = services.radius.create_profile(terms(self.name, limits), &staff).await.unwrap();
        let user = Id::generate(&ambient);
        let sealer = &app.composition.adapters.sealer;
        let secret = sealer.seal(Purpose::RadiusSecret, &user, PASSWORD).unwrap();
        let person =
            Subscriber { own_profile_id: Some(profile.id), ..member(&ambient, user, self.name, secret) };
        let mut tx = RadiusStore::begin(&services.database).await.unwrap();
        assert!(tx.insert_subscriber(&person).await.unwrap());
        tx.commit().await.unwrap();
        services.radius.enable_wifi(user, &staff).await.unwrap();
    }

    /// How long each server and `explain` let a session last.
    async fn answers(&self, app: &TestApp, servers: &[&RadiusServer]) -> Vec<Option<u32>> {
        let mut answers = Vec::new();
        for server in servers {
            let answer = server.sign_in(Method::Chap, self.name, PASSWORD).unwrap();
            let timeout = answer.attributes.get("Session-Timeout").map(|values| values[0].parse().unwrap());
            assert_eq!(answer.code == "Access-Accept", timeout.is_some(), "{answer:?}");
            answers.push(timeout);
        }
        let explained = app.composition.services.radius.explain(self.name, None).await.unwrap();
        answers.push(match explained.decision {
            Decision::Accept(replies) => {
                let timeout = replies.iter().find(|reply| reply.name == "Session-Timeout").unwrap();
                Some(timeout.value.parse().unwrap())
            }
            Decision::Refuse(refusal) => {
                assert_eq!(refusal, Refusal::OutsideLoginTime, "{}", self.name);
                None
            }
        });
        answers
    }
}

/// Goes through the table within one minute of the real time, by which FreeRADIUS goes; another minute is another
/// table.
async fn every_case_is_answered_alike(app: &TestApp, zone: Tz, servers: &[&RadiusServer]) {
    for round in 0..3 {
        let begun = Ambient::system().now();
        app.around.clock.advance(begun - app.around.clock.now());
        let cases = cases(begun, zone);
        if round == 0 {
            for case in &cases {
                case.stand(app).await;
            }
        } else {
            rewrite(app, &cases).await;
        }
        let mut found = Vec::new();
        for case in &cases {
            found.push((case, case.answers(app, servers).await));
        }
        if Ambient::system().now().timestamp() / 60 != begun.timestamp() / 60 {
            continue;
        }
        for (case, answers) in found {
            let expected = vec![case.expected; servers.len() + 1];
            assert_eq!(answers, expected, "{}: {}", case.name, case.times);
        }
        return;
    }
    panic!("the table was never asked within one minute");
}

/// Gives the profiles the times of a later minute.
async fn rewrite(app: &TestApp, cases: &[Case]) {
    for case in cases {
        let (name, times) = (case.name, &case.times);
        let profiles = format!("UPDATE access_profiles SET login_time = '{times}' WHERE name = '{name}'");
        app.database.execute(&profiles).await;
    }
    app.composition.services.radius.sync_directory(false, &Origin::system("test")).await.unwrap();
}

fn embedded(app: &TestApp) -> Option<RadiusServer> {
    let (auth, acct) = app.radius().addresses();
    Some(RadiusServer { auth, acct, secret: SECRET.to_owned(), radclient: program("RADCLIENT")? })
}

#[tokio::test(flavor = "multi_thread")]
async fn freeradius_and_the_portal_keep_the_same_times() {
    let Some(database) = FreeRadius::database().await else { return };
    let (app, zone) = campus(database).await;
    let Some(freeradius) = FreeRadius::in_zone(app.database.clone(), zone.name()).await else { return };
    let Some(embedded) = embedded(&app) else { return };
    every_case_is_answered_alike(&app, zone, &[&freeradius.server, &embedded]).await;
    let reasons = "SELECT DISTINCT reply || ' ' || coalesce(reason, '') FROM radpostauth ORDER BY 1";
    let logged = app.database.texts(reasons).await;
    assert_eq!(logged, ["Access-Accept ", "Access-Reject outside_login_time"]);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portal_keeps_the_same_times_on_sqlite() {
    let (app, zone) = campus(TestDatabase::sqlite()).await;
    let Some(embedded) = embedded(&app) else { return };
    every_case_is_answered_alike(&app, zone, &[&embedded]).await;
    app.end().await;
}
