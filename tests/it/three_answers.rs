//! One policy, three answers: what FreeRADIUS makes of the tables, what the portal's own server says, and what `explain`
//! tells, asked about the same people on the same database.

use std::sync::Arc;

use kernel::{Ambient, Id, Origin, id::ids::UserId, sealed::Purpose};
use persistence::testing::TestDatabase;
use radius::{
    Subscriber,
    access_profile::{Limits, Quota, Terms},
    policy::Decision,
    ports::RadiusStore,
};
use serde_json::json;

use crate::{
    app::TestApp,
    freeradius::FreeRadius,
    radius_wire::{Answer, Method, NAS, RadiusServer},
};

const PASSWORD: &str = "it's %{User-Name} + é";
const SECRET: &str = "correct-horse-battery";
const EMBEDDED: &[(&str, &str)] =
    &[("RADIUS_MODE", "embedded"), ("RADIUS_AUTH_ADDR", "127.0.0.1:0"), ("RADIUS_ACCT_ADDR", "127.0.0.1:0")];

/// How somebody stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Enabled,
    NeverEnabled,
    Disabled,
    Expired,
    /// Signed in with so many devices.
    Online(u16),
}

struct Case {
    name: &'static str,
    username: &'static str,
    /// Who asks, as typed.
    login: &'static str,
    password: &'static str,
    limits: Limits,
    standing: Standing,
    let_in: bool,
}

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

fn case(name: &'static str, username: &'static str) -> Case {
    let (limits, standing) = (student(), Standing::Enabled);
    Case { name, username, login: username, password: PASSWORD, limits, standing, let_in: true }
}

fn gigabytes(name: &'static str, username: &'static str, gigabytes: u64) -> Case {
    let quota = Quota { total: Some(gigabytes << 30), ..Quota::default() };
    Case { limits: Limits { quota, ..student() }, ..case(name, username) }
}

fn standing(name: &'static str, username: &'static str, standing: Standing) -> Case {
    Case { standing, let_in: matches!(standing, Standing::Online(0 | 1)), ..case(name, username) }
}

fn cases() -> Vec<Case> {
    vec![
        case("a plain login", "etu2026001"),
        case("a name with a plus", "+243810000001"),
        case("a name with an accent", "josé.müller"),
        case("a name with a domain", "prof@lab.example"),
        Case { login: "CaPiTaL", ..case("capitals do not count", "capital") },
        Case { limits: Limits::default(), ..case("no limits at all", "nolimits") },
        gigabytes("3 GiB", "three", 3),
        gigabytes("5 GiB", "five", 5),
        gigabytes("10 GiB", "ten", 10),
        standing("a second device", "second", Standing::Online(1)),
        standing("a third device", "third", Standing::Online(2)),
        standing("never activated", "never", Standing::NeverEnabled),
        standing("deactivated", "off", Standing::Disabled),
        standing("expired", "expired", Standing::Expired),
        Case { login: "nobody", let_in: false, ..case("nobody", "somebody") },
        Case { login: "marie claire", let_in: false, ..case("a name with a space", "claire") },
        Case { password: "Wrong-Guess-7", let_in: false, ..case("a wrong password", "guessed") },
    ]
}

/// Makes somebody known, with a profile of their own, who stands as the case says.
async fn introduce(app: &TestApp, case: &Case) {
    let (services, origin) = (&app.composition.services, Origin::system("test"));
    let ambient = app.around.ambient();
    let user: UserId = Id::generate(&ambient);
    let sealed = app.composition.adapters.sealer.seal(Purpose::RadiusSecret, &user, PASSWORD).unwrap();
    let subscriber = Subscriber {
        username: case.username.to_owned(),
        sealed_secret: Some(sealed),
        account_active: true,
        ..Subscriber::unheard(Id::generate(&ambient), user, ambient.now())
    };
    let mut tx = RadiusStore::begin(&services.database).await.unwrap();
    assert!(tx.insert_subscriber(&subscriber).await.unwrap());
    tx.commit().await.unwrap();
    let terms = Terms {
        name: case.name.to_owned(),
        description: String::new(),
        limits: case.limits.clone(),
        validity_days: 30,
        active: true,
    };
    let profile = services.radius.create_profile(terms, &origin).await.unwrap();
    services.radius.assign_profile(user, Some(profile.id), "for the test".to_owned(), &origin).await.unwrap();
    if case.standing == Standing::NeverEnabled {
        return;
    }
    services.radius.enable_wifi(user, &origin).await.unwrap();
    let name = case.username;
    match case.standing {
        Standing::Disabled => {
            services.radius.disable_wifi(user, &origin).await.unwrap();
        }
        Standing::Expired => {
            let past = "2023-11-14 22:13:20+00";
            app.database
                .execute(&format!("UPDATE subscribers SET expires_at = '{past}' WHERE username = '{name}'"))
                .await;
            let past = "UPDATE radcheck SET value = '1700000000' WHERE attribute = 'Expiration'";
            assert_eq!(app.database.execute(&format!("{past} AND username = '{name}'")).await, 1);
        }
        Standing::Online(devices) => {
            for device in 0..devices {
                app.database
                    .execute(&format!(
                        "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime) \
                         VALUES ('{device}', '{name} {device}', '{name}', '{NAS}', now())"
                    ))
                    .await;
            }
        }
        Standing::Enabled | Standing::NeverEnabled => {}
    }
}

/// A decision as a server would send it.
fn spoken(decision: &Decision) -> (bool, Vec<(String, String)>) {
    match decision {
        Decision::Accept(replies) => {
            let told = replies.iter().map(|reply| (reply.name.to_owned(), reply.value.clone()));
            let mut told: Vec<_> = told.collect();
            told.sort();
            (true, told)
        }
        Decision::Refuse(_) => (false, Vec::new()),
    }
}

fn heard(answer: &Answer) -> (bool, Vec<(String, String)>) {
    (answer.code == "Access-Accept", answer.replies())
}

#[tokio::test(flavor = "multi_thread")]
async fn freeradius_the_portal_and_explain_say_the_same() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let mut app = TestApp::with(database, EMBEDDED).await;
    // FreeRADIUS goes by the machine's clock.
    let behind = Ambient::system().now() - app.around.ambient().now();
    app.around.clock.advance(behind);
    let admin = app.log_in("admin@demo.test").await;
    let here = json!({"name": "here", "address": "127.0.0.1", "secret": SECRET});
    app.post("/api/v1/admin/radius/nas-clients", &admin, here).await.data(201);
    let cases = cases();
    for case in &cases {
        introduce(&app, case).await;
    }
    app.settle().await;
    let Some(freeradius) = FreeRadius::on(Arc::clone(&app.database)).await else { return };
    // Both know the client that staff have made known, and no other from this address.
    app.database.execute("DELETE FROM nas WHERE description IS NULL").await;
    let theirs = RadiusServer { secret: SECRET.to_owned(), ..freeradius.server.clone() };
    let (auth, acct) = app.radius().addresses();
    let embedded = RadiusServer { auth, acct, ..theirs.clone() };
    for case in &cases {
        let explained = app.composition.services.radius.explain(case.login, None).await.unwrap();
        for method in [Method::Pap, Method::Chap] {
            let ask = |server: &RadiusServer| server.sign_in(method, case.login, case.password).unwrap();
            let (said, ours) = (heard(&ask(&theirs)), heard(&ask(&embedded)));
            assert_eq!(ours, said, "{}: the portal and FreeRADIUS by {method:?}", case.name);
            assert_eq!(ours.0, case.let_in, "{} by {method:?}", case.name);
            // It cannot know which password will be tried.
            if case.password == PASSWORD {
                assert_eq!(spoken(&explained.decision), ours, "{}: explain and the portal", case.name);
            }
        }
    }
    drop(freeradius);
    app.stop().await;
}
