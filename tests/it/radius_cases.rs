//! One table of logins for everything that answers RADIUS: who somebody is, how they sign in, and the answer, attribute by
//! attribute. A real FreeRADIUS answers from the tables that the compiler wrote, the embedded server from what the
//! portal knows, both asked by `radclient`; and `explain` says what they would answer.

use std::sync::Arc;

use chrono::{Duration, TimeDelta};
use kernel::{Ambient, Clock as _, Id, Locale, events::Contact, sealed::Purpose, testing::Surroundings};
use persistence::testing::TestDatabase;
use radius::{
    AccessProfile, Subscriber,
    access_profile::{Limits, Quota},
    nas_client::Vendor,
    policy::{
        Decision, SiteForms,
        compile::{self, Ground},
    },
    ports::RadiusStore,
    testing::{member, terms},
    usage::Used,
};
use serde_json::json;

use crate::{
    app::TestApp,
    freeradius::{FreeRadius, SECRET, program},
    radius_wire::{Answer, FRAMED, MAC, Method, NAS, RadiusServer},
};

/// The password of everybody in the table, with what needs care in SQL, in shells and in RADIUS. No backslash: radclient
/// doubles it in a CHAP-Password.
const PASSWORD: &str = "it's %{User-Name} \"é\" `x`+1";

const GIB: u64 = 1 << 30;

const EMBEDDED: &[(&str, &str)] =
    &[("RADIUS_MODE", "embedded"), ("RADIUS_AUTH_ADDR", "127.0.0.1:0"), ("RADIUS_ACCT_ADDR", "127.0.0.1:0")];

/// One login.
struct Case {
    /// What it shows, and the name of the profile.
    name: &'static str,
    /// Who is known, folded.
    username: &'static str,
    limits: Limits,
    standing: Standing,
    /// Who asks, as typed.
    login: &'static str,
    password: &'static str,
    expected: Expected,
}

/// How somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Enabled,
    /// Switched off, the tables not yet swept.
    Off,
    Ended,
    /// Twice 1 GiB is used.
    Used2Gib,
    /// Signed in with other devices.
    Devices(u32),
}

/// The answer.
enum Expected {
    /// Accepted with exactly these, by name.
    Accept(Vec<(&'static str, &'static str)>),
    /// Refused, with this message to the customer and this reason in the log.
    Reject { message: Option<&'static str>, reason: &'static str },
}

/// Half a megabit up and two down, an hour at a time, two devices.
fn student() -> Limits {
    Limits {
        upload_kbps: Some(512),
        download_kbps: Some(2_048),
        session_timeout_seconds: Some(3_600),
        idle_timeout_seconds: Some(600),
        simultaneous_use: Some(2),
        ..Limits::default()
    }
}

/// What a student gets, and what is said of the quota.
fn granted(quota: &[(&'static str, &'static str)]) -> Expected {
    let mut replies = vec![("Acct-Interim-Interval", "300"), ("Idle-Timeout", "600")];
    replies.push(("Mikrotik-Rate-Limit", "512k/2048k"));
    replies.extend(quota);
    replies.push(("Session-Timeout", "3600"));
    Expected::Accept(replies)
}

/// Somebody who gets in.
fn accepted(name: &'static str, username: &'static str, login: &'static str) -> Case {
    let (limits, standing, password) = (student(), Standing::Enabled, PASSWORD);
    Case { name, username, limits, standing, login, password, expected: granted(&[]) }
}

/// Somebody who has a quota, of which as much is left; MikroTik is told the low 32 bits and the rest apart.
fn quota(
    name: &'static str,
    username: &'static str,
    bytes: u64,
    left: &[(&'static str, &'static str)],
) -> Case {
    let limits = Limits { quota: Quota { total: Some(bytes), ..Quota::default() }, ..student() };
    Case { limits, expected: granted(left), ..accepted(name, username, username) }
}

/// Somebody who stands so, and is refused.
fn refused(case: Case, standing: Standing, reason: &'static str) -> Case {
    Case { standing, expected: Expected::Reject { message: None, reason }, ..case }
}

fn cases() -> Vec<Case> {
    let guess = |password, name, username| Case { password, ..accepted(name, username, username) };
    let second = accepted("a second device", "second", "second");
    let over = quota("over quota", "over", GIB, &[]);
    let message = Some("Your volume is used up.");
    vec![
        accepted("a plain login", "etu2026001", "etu2026001"),
        accepted("a name with a plus", "+243810000001", "+243810000001"),
        accepted("a name with an accent", "josé.müller", "josé.müller"),
        accepted("a name with a domain", "prof@lab.example", "prof@lab.example"),
        accepted("a name with a quote and a backslash", "o'brien\\x", "o'brien\\x"),
        accepted("capitals do not count", "capital", "CaPiTaL"),
        quota("3 GiB are left", "three", 3 * GIB, &[("Mikrotik-Total-Limit", "3221225472")]),
        quota(
            "5 GiB are left",
            "five",
            5 * GIB,
            &[("Mikrotik-Total-Limit", "1073741824"), ("Mikrotik-Total-Limit-Gigawords", "1")],
        ),
        quota(
            "10 GiB are left",
            "ten",
            10 * GIB,
            &[("Mikrotik-Total-Limit", "2147483648"), ("Mikrotik-Total-Limit-Gigawords", "2")],
        ),
        Case {
            standing: Standing::Used2Gib,
            ..quota(
                "8 of 10 GiB are left",
                "eight",
                10 * GIB,
                &[("Mikrotik-Total-Limit", "0"), ("Mikrotik-Total-Limit-Gigawords", "2")],
            )
        },
        Case { standing: Standing::Devices(1), ..second },
        refused(accepted("a third device", "third", "third"), Standing::Devices(2), "too_many_sessions"),
        refused(accepted("a third device of +é", "+é", "+É"), Standing::Devices(2), "unknown_user"),
        refused(accepted("one of +ê", "+ê", "+ê"), Standing::Devices(2), "too_many_sessions"),
        refused(accepted("switched off", "off", "off"), Standing::Off, "disabled"),
        refused(accepted("expired", "expired", "expired"), Standing::Ended, "expired"),
        Case {
            standing: Standing::Used2Gib,
            expected: Expected::Reject { message, reason: "quota_used_up" },
            ..over
        },
        refused(accepted("nobody", "somebody", "nobody"), Standing::Enabled, "unknown_user"),
        refused(accepted("a space at the end", "marie", "marie "), Standing::Enabled, "unknown_user"),
        refused(accepted("a space within", "claire", "marie claire"), Standing::Enabled, "unknown_user"),
        refused(guess("Wrong-Guess-7", "a wrong password", "guessed"), Standing::Enabled, "wrong_password"),
        refused(guess("", "an empty password", "empty"), Standing::Enabled, "wrong_password"),
    ]
}

/// A portal whose clock shows the real time, which FreeRADIUS goes by, and from which this machine may ask.
async fn campus(database: TestDatabase) -> TestApp {
    let around = Surroundings::new();
    around.clock.advance(Ambient::system().now() - around.clock.now());
    let app = TestApp::on(Arc::new(database), EMBEDDED, around, None).await;
    let admin = app.log_in("admin@demo.test").await;
    let nas = json!({"name": "lab", "address": "127.0.0.1", "secret": SECRET});
    app.post("/api/v1/admin/radius/nas-clients", &admin, nas).await.data(201);
    app
}

impl Case {
    /// Has somebody stand so: for the portal, and in the directory as the compiler says.
    async fn stand(&self, app: &TestApp) {
        let ambient = app.around.ambient();
        let (now, user) = (ambient.now(), Id::generate(&ambient));
        let terms = terms(self.name, self.limits.clone());
        let profile = AccessProfile::new(Id::generate(&ambient), terms, now).unwrap();
        let length = if self.standing == Standing::Ended { Duration::minutes(-1) } else { Duration::days(7) };
        let secret = app.composition.adapters.sealer.seal(Purpose::RadiusSecret, &user, PASSWORD).unwrap();
        let person = Subscriber {
            contact: Contact { user_id: Some(user), locale: Locale::En, ..Contact::default() },
            own_profile_id: Some(profile.id),
            enabled: self.standing != Standing::Off,
            begun_at: Some(now - TimeDelta::days(2)),
            expires_at: Some(now + length),
            ..member(&ambient, user, self.username, secret)
        };
        let total = if self.standing == Standing::Used2Gib { 2 * GIB } else { 0 };
        let used = Used { total, ..Used::default() };
        let ground = Ground::Profile(&profile);
        let entry = compile::user(&person, PASSWORD, ground, used, SiteForms::default()).unwrap();
        let mut tx = RadiusStore::begin(&app.composition.services.database).await.unwrap();
        assert!(tx.insert_profile(&profile).await.unwrap() && tx.insert_subscriber(&person).await.unwrap());
        tx.write_groups(&compile::groups(&profile, Vendor::Mikrotik)).await.unwrap();
        tx.write_entries(&[entry]).await.unwrap();
        if self.standing == Standing::Off {
            tx.remove_checks(&[self.username]).await.unwrap();
        }
        tx.commit().await.unwrap();
        for sql in self.traces(app, &person) {
            app.database.execute(&sql).await;
        }
    }

    /// What sessions have left behind.
    fn traces(&self, app: &TestApp, person: &Subscriber) -> Vec<String> {
        let at = app.around.clock.now() - TimeDelta::days(1);
        let moment = at.to_rfc3339();
        if let Standing::Devices(devices) = self.standing {
            let open = |device| {
                format!(
                    "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime, callingstationid) \
                     VALUES ('{device}', '{0} {device}', '{0}', '{NAS}', '{moment}', '0200000000{device:02}')",
                    self.username
                )
            };
            return (0..devices).map(open).collect();
        }
        if self.standing != Standing::Used2Gib {
            return vec![];
        }
        let id = app.literal(&person.id.to_string());
        let session = format!(
            "INSERT INTO radius_sessions (id, unique_id, generation, session_id, username, subscriber_id, nas_address, \
             started_at, last_seen_at, stopped_at, seconds, up, down, reports, reports_dropped, row_up, row_down) \
             VALUES ({id}, '{0}', 0, 's', '{0}', {id}, '{NAS}', '{moment}', '{moment}', '{moment}', 1, {GIB}, {GIB}, \
             '[]', false, {GIB}, {GIB})",
            self.username
        );
        let ledger = format!(
            "INSERT INTO usage_ledger (session_id, day, subscriber_id, up, down) \
             VALUES ({id}, '{}', {id}, {GIB}, {GIB})",
            at.date_naive()
        );
        vec![session, ledger]
    }

    /// Holds a server's answer against what is expected.
    fn hold(&self, who: &str, method: Method, answer: Option<&Answer>) {
        let place = format!("{}, {who} by {method:?}: {answer:?}", self.name);
        let Some(answer) = answer else { panic!("{place}") };
        assert!(answer.attributes.contains_key("Message-Authenticator"), "{place}");
        match &self.expected {
            Expected::Accept(replies) => {
                let expected = ("Access-Accept", own(replies));
                assert_eq!((answer.code.as_str(), answer.replies()), expected, "{place}");
                assert!(answer.attributes.contains_key("Class"), "{place}");
            }
            Expected::Reject { message, .. } => {
                let message: Vec<_> = message.iter().map(|message| ("Reply-Message", *message)).collect();
                let expected = ("Access-Reject", own(&message));
                assert_eq!((answer.code.as_str(), answer.replies()), expected, "{place}");
                assert!(!answer.attributes.contains_key("Class"), "{place}");
            }
        }
    }

    /// Holds what `explain` says against what is expected. It takes the password for right.
    async fn hold_explanation(&self, app: &TestApp) {
        let explained =
            app.composition.services.radius.explain(self.login, Some(Vendor::Mikrotik)).await.unwrap();
        let place = format!("{}: {explained:?}", self.name);
        match (&self.expected, &explained.decision) {
            (Expected::Accept(expected), Decision::Accept(replies)) => {
                let mut replies: Vec<_> =
                    replies.iter().map(|reply| (reply.name, reply.value.as_str())).collect();
                replies.sort_unstable();
                assert_eq!(own(&replies), own(expected), "{place}");
            }
            (Expected::Reject { reason: "wrong_password", .. }, Decision::Accept(_)) => {}
            (Expected::Reject { reason, .. }, Decision::Refuse(refusal)) => {
                assert_eq!(refusal.code(), *reason, "{place}");
            }
            _ => panic!("{place}"),
        }
    }

    /// What the log has to say of it. FreeRADIUS does not know those who are switched off.
    fn logged(&self, who: &str) -> String {
        let (reply, reason) = match self.expected {
            Expected::Accept(_) => ("Access-Accept", "-"),
            Expected::Reject { reason: "disabled", .. } if who == FREERADIUS => {
                ("Access-Reject", "unknown_user")
            }
            Expected::Reject { reason, .. } => ("Access-Reject", reason),
        };
        format!("{}|{reply}|{reason}|-|{MAC}|{NAS}|{FRAMED}", self.login.to_ascii_lowercase())
    }
}

const FREERADIUS: &str = "FreeRADIUS";

fn own(replies: &[(&str, &str)]) -> Vec<(String, String)> {
    replies.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Each row of the log in one line, oldest first.
const LOGGED: &str = "SELECT username || '|' || reply || '|' || coalesce(nullif(reason, ''), '-') || '|' || \
    coalesce(nullif(pass, ''), '-') || '|' || callingstationid || '|' || nasipaddress || '|' || framedipaddress \
    FROM radpostauth ORDER BY id";

/// The server within a portal, as one that `radclient` can ask.
fn embedded(app: &TestApp) -> Option<RadiusServer> {
    let (auth, acct) = app.radius().addresses();
    Some(RadiusServer { auth, acct, secret: SECRET.to_owned(), radclient: program("RADCLIENT")? })
}

/// Asks every server every case of the table, and looks at what they have logged.
async fn every_case_is_answered_as_the_table_says(app: &TestApp, servers: &[(&str, &RadiusServer)]) {
    let cases = cases();
    for case in &cases {
        case.stand(app).await;
    }
    let mut logged = Vec::new();
    for case in &cases {
        for method in [Method::Pap, Method::Chap] {
            for (who, server) in servers {
                let answer = server.sign_in(method, case.login, case.password);
                case.hold(who, method, answer.as_ref());
                logged.push(case.logged(who));
            }
        }
        case.hold_explanation(app).await;
    }
    assert_eq!(app.database.texts(LOGGED).await, logged);
}

#[tokio::test(flavor = "multi_thread")]
async fn freeradius_and_the_portal_give_the_same_answers() {
    let Some(database) = FreeRadius::database().await else { return };
    let app = campus(database).await;
    let Some(radius) = FreeRadius::on(app.database.clone()).await else { return };
    let Some(embedded) = embedded(&app) else { return };
    let servers = [(FREERADIUS, &radius.server), ("the portal", &embedded)];
    every_case_is_answered_as_the_table_says(&app, &servers).await;
    app.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portal_gives_the_same_answers_on_sqlite() {
    let app = campus(TestDatabase::sqlite()).await;
    let Some(embedded) = embedded(&app) else { return };
    every_case_is_answered_as_the_table_says(&app, &[("the portal", &embedded)]).await;
    app.end().await;
}
