//! Receipts have their numbers without gap or repeat while many are issued at once by two portals on one database, of which one
//! or the other is killed again and again in the middle of it: whoever gets no answer asks again, and gets the receipt that
//! there is, or the one that there was not.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use persistence::testing::TestDatabase;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::process::{Place, Process};

/// How many ask at once, and for how many receipts each.
const WRITERS: usize = 16;
const EACH: usize = 5;
/// After so many answers its portal is killed, each time.
const KILLED_AFTER: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn receipts_are_numbered_without_gaps_by_many_writers_with_kills_in_between_on_sqlite() {
    numbered_without_gaps(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_are_numbered_without_gaps_by_many_writers_with_kills_in_between_on_postgres() {
    let Some(database) = TestDatabase::postgres().await else { return };
    numbered_without_gaps(database).await;
}

/// A portal that is killed and started again, whoever is asking it something.
struct Mortal {
    place: Place,
    process: Mutex<Process>,
    answers: AtomicUsize,
    deaths: AtomicUsize,
}

impl Mortal {
    async fn start(place: Place) -> Self {
        let process = Mutex::new(place.start(&[]).await);
        Self { place, process, answers: AtomicUsize::new(0), deaths: AtomicUsize::new(0) }
    }

    /// Redeems a code, however often it takes.
    async fn redeem(&self, code: &str) {
        // The same each time, so that a repeat is the same redemption.
        let (key, body) = (format!("redeem-{code}"), json!({ "code": code }));
        let path = "/api/v1/vouchers/redeem";
        loop {
            let answer = self.place.send(Method::POST, path, None, Some(&key), Some(&body)).await;
            match answer {
                Some((201, _)) => break,
                Some((status, answer)) if status < 500 => panic!("{code}: {status} {answer}"),
                // Once it lives again.
                _ => drop(self.process.lock().await),
            }
        }
        if self.answers.fetch_add(1, Ordering::SeqCst) % KILLED_AFTER == KILLED_AFTER - 1 {
            let mut process = self.process.lock().await;
            process.kill();
            *process = self.place.start(&[]).await;
            self.deaths.fetch_add(1, Ordering::SeqCst);
        }
    }
}

async fn numbered_without_gaps(database: TestDatabase) {
    let mut place = Place::new(database);
    place.set("GUESS_LIMIT_PER_HOUR", "100000");
    let neighbour = place.next_door();
    let portals = [Mortal::start(place).await, Mortal::start(neighbour).await];
    let codes = codes(&portals[0].place, WRITERS * EACH).await;
    let writers = codes.chunks(EACH).enumerate().map(async |(number, some)| {
        for code in some {
            portals[number % 2].redeem(code).await;
        }
    });
    join_all(writers).await;
    for portal in &portals {
        assert_eq!(portal.deaths.load(Ordering::SeqCst), WRITERS * EACH / 2 / KILLED_AFTER);
    }
    let portal = &portals[0];
    let database = portal.place.database();
    let numbers = database.texts("SELECT CAST(number AS text) AS told FROM receipts ORDER BY number").await;
    let expected: Vec<_> = (1..=WRITERS * EACH).map(|number| number.to_string()).collect();
    assert_eq!(numbers, expected);
    let paid = "SELECT CAST(COUNT(*) AS text) FROM orders WHERE paid_at IS NOT NULL";
    assert_eq!(database.texts(paid).await, [(WRITERS * EACH).to_string()]);
    let inside = portal.place.look_inside().await;
    let report = inside.services.billing.verify_ledger().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
}

/// The codes of so many new vouchers.
async fn codes(place: &Place, count: usize) -> Vec<String> {
    let admin = place.admin().await;
    let ask = async |path: &str, body: Value| {
        let answer = place.send(Method::POST, path, Some(&admin), None, Some(&body)).await.unwrap();
        assert!(answer.0 < 300, "{path}: {}", answer.1);
        answer.1
    };
    let packages = place.send(Method::GET, "/api/v1/user-profiles", None, None, None).await.unwrap().1;
    let package = &packages["data"][0]["id"];
    let batch = json!({"name": "many", "user_profile_id": package, "count": count});
    let batch = ask("/api/v1/admin/voucher-batches", batch).await;
    let print = format!("/api/v1/admin/voucher-batches/{}/print", batch["data"]["id"].as_str().unwrap());
    let file = ask(&print, json!({"form": "csv"})).await;
    let lines = file.as_str().unwrap().lines().skip(1);
    lines.map(|line| line.split(',').nth(1).unwrap().to_owned()).collect()
}
