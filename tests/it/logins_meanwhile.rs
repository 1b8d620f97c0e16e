//! People sign in all the time while a promotion of thousands is given access and loses it. Who had access before has it
//! all the while; and of the thousands each is either refused or let in with all their limits.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering},
    },
};

use kernel::{Ambient, Clock as _, testing::Surroundings};
use persistence::{on_both_databases, testing::TestDatabase};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::{
    app::TestApp,
    crowd::{self, Crowd},
    freeradius::{FreeRadius, SECRET, program},
    process::wait_until,
    radius_wire::{Method, RadiusServer},
};

const THOUSANDS: usize = 3_000;
/// How many logins of each kind have to have been answered before it goes on.
const SOME: usize = 3;

on_both_databases!(logins_go_on_while_thousands_are_activated);

async fn logins_go_on_while_thousands_are_activated(database: TestDatabase) {
    let Some(radclient) = program("RADCLIENT") else { return };
    let embedded = [
        ("RADIUS_MODE", "embedded"),
        ("RADIUS_AUTH_ADDR", "127.0.0.1:0"),
        ("RADIUS_ACCT_ADDR", "127.0.0.1:0"),
    ];
    let app = TestApp::on(database.into(), &embedded, now(), None).await;
    let admin = app.log_in("admin@demo.test").await;
    let body = json!({"name": "here", "address": "127.0.0.1", "secret": SECRET});
    app.post("/api/v1/admin/radius/nas-clients", &admin, body).await.data(201);
    let (auth, acct) = app.radius().addresses();
    story(app, RadiusServer { auth, acct, secret: SECRET.to_owned(), radclient }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_go_on_while_thousands_are_activated_with_freeradius() {
    let Some(database) = FreeRadius::database().await else { return };
    let app = TestApp::on(database.into(), &[], now(), None).await;
    let Some(radius) = FreeRadius::on(app.database.clone()).await else { return };
    story(app, radius.server.clone()).await;
}

/// FreeRADIUS goes by the real time.
fn now() -> Surroundings {
    let around = Surroundings::new();
    around.clock.advance(Ambient::system().now() - around.clock.now());
    around
}

async fn story(mut app: TestApp, server: RadiusServer) {
    let admin = app.log_in("admin@demo.test").await;
    let some = Crowd::gather(&app.composition, "l1", 5, crowd::limits(2_048)).await;
    let thousands = Crowd::gather(&app.composition, "l2", THOUSANDS, crowd::limits(4_096)).await;
    let enabled = app.post(&some.path("activate"), &admin, json!({})).await.data(200);
    assert_eq!(enabled["users_enabled"], 5);

    let [before, during] = [some.names, spread(&thousands.names)].map(|names| Door::watch(&server, names));
    for (action, counted) in [("activate", "users_enabled"), ("deactivate", "users_disabled")] {
        let doors = [&before, &during];
        wait_until("both kinds sign in", async || doors.iter().all(|door| door.answered() >= SOME)).await;
        doors.iter().for_each(|door| door.enter(DURING));
        let answer = app.post(&thousands.path(action), &admin, json!({})).await.data(200);
        doors.iter().for_each(|door| door.enter(AFTER));
        assert_eq!(answer[counted], THOUSANDS, "{answer}");
        wait_until("both kinds sign in", async || doors.iter().all(|door| door.answered() >= SOME)).await;
        doors.iter().for_each(|door| door.enter(BEFORE));
    }
    let [before, during] = [before.close().await, during.close().await];
    let limits = "512k/2048k 3600 1073741824 1";
    assert_eq!(kinds(&before), BTreeSet::from([limits]), "who had access before");
    assert!(before.iter().any(Login::was_meanwhile), "nobody signed in meanwhile");
    let limits = "512k/4096k 3600 1073741824 1";
    assert_eq!(kinds(&during), BTreeSet::from([limits, "Access-Reject"]), "who is activated");
    // What was answered holds for whoever comes after it: first they may, then they may not.
    let after: Vec<_> =
        during.iter().filter(|login| login.begun == AFTER).map(|login| &*login.answer).collect();
    let turn = after.iter().position(|answer| *answer == "Access-Reject").unwrap();
    assert!(turn >= SOME && after.len() >= turn + SOME, "{after:?}");
    assert!(after[..turn].iter().all(|answer| *answer == limits), "{after:?}");
    assert!(after[turn..].iter().all(|answer| *answer == "Access-Reject"), "{after:?}");
    app.stop().await;
}

/// All of them, each far from the one before.
fn spread(names: &[String]) -> Vec<String> {
    (0..names.len()).map(|number| names[number * 1_009 % names.len()].clone()).collect()
}

fn kinds(logins: &[Login]) -> BTreeSet<&str> {
    logins.iter().map(|login| login.answer.as_str()).collect()
}

const BEFORE: u8 = 0;
const DURING: u8 = 1;
const AFTER: u8 = 2;

/// A login: when it began and ended, and how it was answered.
struct Login {
    begun: u8,
    ended: u8,
    answer: String,
}

impl Login {
    /// Whether some of it was while thousands were activated or deactivated, if not all of that was while it lasted.
    fn was_meanwhile(&self) -> bool {
        matches!((self.begun, self.ended), (DURING, _) | (_, DURING) | (BEFORE, AFTER))
    }
}

/// People who sign in one after the other, until the door is closed.
struct Door {
    time: Arc<AtomicU8>,
    answered: Arc<AtomicUsize>,
    closed: Arc<AtomicBool>,
    people: JoinHandle<Vec<Login>>,
}

impl Door {
    fn watch(server: &RadiusServer, names: Vec<String>) -> Self {
        let (time, answered, closed) = (
            Arc::new(AtomicU8::new(BEFORE)),
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (server, now, count, end) = (server.clone(), time.clone(), answered.clone(), closed.clone());
        let people = tokio::task::spawn_blocking(move || {
            let mut logins = Vec::new();
            let mut next = names.iter().cycle();
            while !end.load(Ordering::SeqCst) {
                let begun = now.load(Ordering::SeqCst);
                let answer = sign_in(&server, next.next().unwrap());
                let ended = now.load(Ordering::SeqCst);
                logins.push(Login { begun, ended, answer });
                if begun == ended {
                    count.fetch_add(1, Ordering::SeqCst);
                }
            }
            logins
        });
        Self { time, answered, closed, people }
    }

    /// Another time begins, of which no login was answered yet.
    fn enter(&self, time: u8) {
        self.time.store(time, Ordering::SeqCst);
        self.answered.store(0, Ordering::SeqCst);
    }

    /// How many logins of this time were answered.
    fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    async fn close(self) -> Vec<Login> {
        self.closed.store(true, Ordering::SeqCst);
        self.people.await.unwrap()
    }
}

/// The limits that somebody is let in with, else what was answered.
fn sign_in(server: &RadiusServer, name: &str) -> String {
    let answer = server.sign_in(Method::Pap, name, crowd::SECRET).unwrap();
    if answer.code != "Access-Accept" {
        return answer.code;
    }
    let limits =
        ["Mikrotik-Rate-Limit", "Session-Timeout", "Mikrotik-Total-Limit", "Mikrotik-Total-Limit-Gigawords"];
    let told =
        limits.map(|name| answer.attributes.get(name).map_or_else(|| "none".to_owned(), |all| all.join(",")));
    told.join(" ")
}
