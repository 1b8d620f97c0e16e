//! What somebody uses counts as soon as a server has written it down. The portal is a process of its own whose worker looks
//! for work once a minute, and whose clock causes nothing: what counts is what it hears of.

use chrono::Duration;
use kernel::{Ambient, Clock as _};
use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    crowd::{self, Crowd},
    process::{Place, Process, wait_until},
};

on_both_databases!(an_interim_update_counts_at_once, what_nobody_hears_of_is_taken_in_by_the_clock);

/// A student at a portal that runs by itself.
struct Student {
    place: Place,
    process: Process,
    token: String,
    id: String,
}

impl Student {
    async fn at(database: TestDatabase) -> Self {
        let mut place = Place::new(database);
        place.set("JOB_POLL_MILLISECONDS", "60000");
        let process = place.start(&[]).await;
        let token = place.admin().await;
        let mut student = Self { place, process, token, id: String::new() };
        let profile = json!({
            "name": "Students", "quota_type": "limited", "total_limit": 5_368_709_120_u64, "validity_days": 30,
        });
        let profile = student.post("/api/v1/admin/access-profiles", profile).await;
        let promotion = json!({"name": "L1", "access_profile_id": profile["id"]});
        let promotion = student.post("/api/v1/admin/promotions", promotion).await;
        let account = json!({
            "first_name": "Élodie", "last_name": "Mbuyi", "matricule": "ET-1", "password": "correct horse battery",
            "promotion_id": promotion["id"],
        });
        student.id = student.post("/api/v1/admin/users", account).await["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/promotions/{}/activate", promotion["id"].as_str().unwrap());
        // Radius hears of the account a moment later.
        wait_until("the student may sign in", async || {
            student.post(&path, json!({})).await["users_enabled"] == 1
        })
        .await;
        student
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.place.send(Method::POST, path, Some(&self.token), None, Some(&body)).await;
        let (status, answer) = answer.unwrap();
        assert!(status < 300, "{path}: {status} {answer}");
        answer["data"].clone()
    }

    /// Waits until so many bytes are shown as used.
    async fn has_used(&self, bytes: u64) {
        let path = format!("/api/v1/admin/users/{}/usage", self.id);
        wait_until(&format!("{bytes} bytes are used"), async || {
            let answer = self.place.send(Method::GET, &path, Some(&self.token), None, None).await;
            answer.unwrap().1["data"]["used_total"] == bytes
        })
        .await;
    }
}

/// A server writes that a session has so many bytes behind it after so many seconds, as FreeRADIUS would.
async fn write(database: &TestDatabase, user: &str, seconds: i64, bytes: u64) {
    let began = Ambient::system().now() - Duration::hours(1);
    let at = |seconds| (began + Duration::seconds(seconds)).format("%Y-%m-%d %H:%M:%S+00:00").to_string();
    let sql = format!(
        "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime, acctupdatetime, \
         acctsessiontime, acctinputoctets, acctoutputoctets) VALUES ('1', 'unique-1', '{user}', '10.0.0.1', '{}', '{}', \
         {seconds}, {bytes}, 0) ON CONFLICT (acctuniqueid) DO UPDATE SET acctupdatetime = excluded.acctupdatetime, \
         acctsessiontime = {seconds}, acctinputoctets = {bytes}",
        at(0),
        at(seconds)
    );
    database.execute(&sql).await;
}

async fn an_interim_update_counts_at_once(database: TestDatabase) {
    let mut student = Student::at(database).await;
    for (seconds, bytes) in [(0, 0), (300, 7_000), (600, 9_000)] {
        write(student.place.database(), "et-1", seconds, bytes).await;
        student.has_used(bytes).await;
    }
    assert!(student.process.stop().success(), "{}", student.place.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_the_connection_listens_again_and_has_missed_nothing() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let mut student = Student::at(database).await;
    let listeners = "SELECT CAST(pid AS text) FROM pg_stat_activity WHERE datname = current_database() \
                     AND query LIKE 'LISTEN%'";
    for (seconds, bytes) in [(300, 7_000), (600, 9_000)] {
        let listening = async || student.place.database().texts(listeners).await;
        wait_until("somebody listens", async || !listening().await.is_empty()).await;
        let [pid] = &listening().await[..] else { panic!("one listens") };
        let end = format!("SELECT CAST(pg_terminate_backend({pid}, 10000) AS text)");
        assert_eq!(student.place.database().texts(&end).await, ["true"]);
        write(student.place.database(), "et-1", seconds, bytes).await;
        student.has_used(bytes).await;
    }
    assert!(student.process.stop().success(), "{}", student.place.log());
}

async fn what_nobody_hears_of_is_taken_in_by_the_clock(database: TestDatabase) {
    // Nobody listens in this portal.
    let app = TestApp::start(database).await;
    app.around.clock.advance(Ambient::system().now() - app.around.clock.now());
    let admin = app.log_in("admin@demo.test").await;
    let crowd = Crowd::gather(&app.composition, "l1", 1, crowd::limits(2_048)).await;
    app.post(&crowd.path("activate"), &admin, json!({})).await.data(200);
    app.tick().await;
    write(&app.database, &crowd.names[0], 300, 7_000).await;
    app.settle().await;
    let used = "SELECT CAST(up AS text) FROM radius_sessions";
    assert_eq!(app.database.texts(used).await.len(), 0);
    app.around.clock.advance(Duration::minutes(1));
    app.tick().await;
    assert_eq!(app.database.texts(used).await, ["7000"]);
    app.end().await;
}
