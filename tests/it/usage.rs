//! What somebody uses by RADIUS: from the rows that a server writes to what owners and staff see of it, what they are
//! told, and what becomes of their access when a quota is used up.

use chrono::Duration;
use kernel::{Clock as _, Id, Origin, id::ids::UserId};
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use radius::{
    access_profile::{Exhaustion, Limits, Quota},
    testing::terms,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

on_both_databases!(
    usage_is_shown_to_its_owner_and_to_staff,
    a_quota_that_is_used_up_closes_the_door_until_midnight,
    an_end_that_comes_near_is_told_once,
    sessions_are_listed_for_their_owner_and_for_staff,
);

const MIB: u64 = 1 << 20;

/// A student who may sign in by RADIUS.
struct Student {
    token: String,
    id: UserId,
    username: String,
}

impl Student {
    /// A demonstration account with a Wi-Fi secret, and a profile with these quotas.
    async fn with(app: &TestApp, quota: Quota) -> Self {
        let token = app.log_in("user1@demo.test").await;
        let body = json!({ "current_password": portal::startup::DEMO_PASSWORD, "source": "generated" });
        app.send(Method::PUT, "/api/v1/me/wifi-secret", Some(&token), Some(body)).await.data(200);
        app.settle().await;
        let me = app.get("/api/v1/me", &token).await.data(200);
        let id: UserId = Id::from_uuid(me["id"].as_str().unwrap().parse().unwrap());
        let (radius, origin) = (&app.composition.services.radius, Origin::system("test"));
        let limits = Limits { quota, exhaustion: Exhaustion::Block, ..Limits::default() };
        let terms = terms("Students", limits);
        let profile = radius.create_profile(terms, &origin).await.unwrap();
        radius.assign_profile(id, Some(profile.id), "test".to_owned(), &origin).await.unwrap();
        let subscriber = radius.enable_wifi(id, &origin).await.unwrap();
        app.settle().await;
        Self { token, id, username: subscriber.username }
    }

    /// Has a server write down a session of the student, which has so many bytes behind it now.
    async fn uses(&self, app: &TestApp, session: &str, seconds: i64, bytes: u64) {
        let now = app.around.clock.now();
        let (start, now) = (text(now - Duration::seconds(seconds)), text(now));
        let name = &self.username;
        app.database
            .execute(&format!(
                "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime, \
                 acctupdatetime, acctsessiontime, acctinputoctets, acctoutputoctets, callingstationid) \
                 VALUES ('{session}', 'unique-{session}', '{name}', '10.0.0.1', '{start}', '{now}', {seconds}, \
                 {bytes}, 0, '02-00-5e-00-53-01') ON CONFLICT (acctuniqueid) DO UPDATE SET \
                 acctupdatetime = '{now}', acctsessiontime = {seconds}, acctinputoctets = {bytes}"
            ))
            .await;
        app.run(Task::IngestAccounting).await;
    }

    /// What the student is shown, signed in anew: days may have passed.
    async fn asks(&self, app: &TestApp, path: &str) -> Value {
        app.get(path, &app.log_in("user1@demo.test").await).await.data(200)
    }

    async fn usage(&self, app: &TestApp) -> Value {
        self.asks(app, "/api/v1/profile-usage/me").await
    }
}

fn text(at: kernel::Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// What the directory says of a name.
async fn checks(app: &TestApp, username: &str) -> Vec<String> {
    let sql = format!("SELECT attribute FROM radcheck WHERE username = '{username}' ORDER BY attribute");
    app.database.texts(&sql).await
}

async fn usage_is_shown_to_its_owner_and_to_staff(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let quota = Quota { day: Some(100 * MIB), month: Some(1_000 * MIB), ..Quota::default() };
    let student = Student::with(&app, quota).await;
    let before = student.usage(&app).await;
    assert_eq!((&before["used_total"], &before["last_updated_at"]), (&json!(0), &json!(null)));
    app.pass(Duration::minutes(5)).await;
    student.uses(&app, "1", 300, 30 * MIB).await;
    let now = app.around.clock.now();
    let shown = student.usage(&app).await;
    assert_eq!(
        shown,
        json!({
            "used_today": 30 * MIB, "used_week": 30 * MIB, "used_month": 30 * MIB, "used_total": 30 * MIB,
            "daily_limit": 100 * MIB, "weekly_limit": null, "monthly_limit": 1_000 * MIB, "total_limit": null,
            "today_percentage": 30, "week_percentage": null, "month_percentage": 3,
            "expires_in_days": 29, "last_updated_at": now.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        })
    );
    let admin = app.log_in("admin@demo.test").await;
    let path = format!("/api/v1/admin/users/{}/usage", student.id);
    assert_eq!(app.get(&path, &admin).await.data(200), shown);
    assert_eq!(app.get(&path, &student.token).await.status.as_u16(), 403);
    let explain = format!("/api/v1/admin/radius/explain/{}", student.username);
    let explained = app.get(&explain, &admin).await.data(200);
    for used in ["used_today", "used_week", "used_month", "used_total"] {
        assert_eq!(explained[used], 30 * MIB, "{used}");
    }
    let nobody = format!("/api/v1/admin/users/{}/usage", uuid::Uuid::nil());
    assert_eq!(app.get(&nobody, &admin).await.code(404), "not_found");
    // On the next day nothing is used of the day.
    app.pass(Duration::days(1)).await;
    assert_eq!(student.usage(&app).await["used_today"], 0);
    assert!(app.composition.services.radius.prove_usage().await.unwrap().is_sound());
    app.end().await;
}

async fn a_quota_that_is_used_up_closes_the_door_until_midnight(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let student = Student::with(&app, Quota { day: Some(100 * MIB), ..Quota::default() }).await;
    assert!(checks(&app, &student.username).await.contains(&"Cleartext-Password".to_owned()));
    app.pass(Duration::minutes(15)).await;
    for (seconds, used) in [(300, 85), (600, 97), (900, 101)] {
        student.uses(&app, "1", seconds, used * MIB).await;
    }
    assert_eq!(student.usage(&app).await["today_percentage"], 100);
    assert!(checks(&app, &student.username).await.contains(&"Auth-Type".to_owned()));
    let told = student.asks(&app, "/api/v1/notifications").await;
    let kinds: Vec<_> = told.as_array().unwrap().iter().map(|told| told["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["quota_exhausted", "quota_critical", "quota_warning"]);
    // Midnight in Kinshasa is 23:00 UTC.
    app.pass(Duration::hours(11)).await;
    app.run(Task::ResetDaily).await;
    assert!(!checks(&app, &student.username).await.contains(&"Auth-Type".to_owned()));
    app.run(Task::ResetDaily).await;
    app.run(Task::CheckProfileAlerts).await;
    let again = student.asks(&app, "/api/v1/notifications").await;
    assert_eq!(again.as_array().unwrap().len(), 3);
    app.end().await;
}

async fn an_end_that_comes_near_is_told_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let student = Student::with(&app, Quota::default()).await;
    let told = async || {
        app.run(Task::CheckProfileAlerts).await;
        app.run(Task::CheckProfileAlerts).await;
        student.asks(&app, "/api/v1/notifications/unread-count").await["unread"].clone()
    };
    assert_eq!(told().await, 0);
    app.pass(Duration::days(23) + Duration::minutes(1)).await;
    assert_eq!(told().await, 1);
    app.pass(Duration::days(5)).await;
    assert_eq!(told().await, 2);
    app.end().await;
}

async fn sessions_are_listed_for_their_owner_and_for_staff(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let student = Student::with(&app, Quota::default()).await;
    app.pass(Duration::minutes(5)).await;
    student.uses(&app, "1", 300, 7).await;
    let own = app.get("/api/v1/radius-sessions", &student.token).await.data(200);
    let session = &own[0];
    assert_eq!(
        (&session["mac"], &session["nas_address"], &session["uploaded_bytes"], &session["status"]),
        (&json!("02:00:5E:00:53:01"), &json!("10.0.0.1"), &json!(7), &json!("open"))
    );
    // A server with stock queries does not write packets down; one with ours does.
    assert_eq!((&session["packets_in"], &session["packets_out"]), (&Value::Null, &Value::Null));
    app.database.execute("UPDATE radacct SET acctinputpackets = 12, acctoutputpackets = 3").await;
    app.run(Task::IngestAccounting).await;
    let own = app.get("/api/v1/radius-sessions", &student.token).await.data(200);
    assert_eq!((&own[0]["packets_in"], &own[0]["packets_out"]), (&json!(12), &json!(3)));
    let devices = app.get("/api/v1/devices", &student.token).await.data(200);
    assert_eq!(devices[0]["mac"], "02:00:5E:00:53:01");
    let admin = app.log_in("admin@demo.test").await;
    let found = async |query: &str| {
        let path = format!("/api/v1/admin/radius/sessions?{query}");
        app.get(&path, &admin).await.data(200).as_array().unwrap().len()
    };
    for (query, many) in [
        ("open=true&mac=0200.5e00.5301&nas_address=10.0.0.1", 1),
        (&*format!("user_id={}", student.id), 1),
        ("open=false", 0),
        ("mac=02:00:5E:00:53:02", 0),
        ("nas_address=10.0.0.2", 0),
        ("username=nobody", 0),
        ("to=2026-01-17T12:00:00Z", 0),
    ] {
        assert_eq!(found(query).await, many, "{query}");
    }
    let other = app.log_in("user2@demo.test").await;
    assert_eq!(app.get("/api/v1/radius-sessions", &other).await.data(200), json!([]));
    // Nothing is heard any more.
    app.pass(Duration::minutes(16)).await;
    app.run(Task::IngestAccounting).await;
    let own = app.get("/api/v1/radius-sessions?open=false", &student.token).await.data(200);
    assert_eq!(
        (&own[0]["terminate_cause"], &own[0]["duration_seconds"]),
        (&json!("Lost-Carrier"), &json!(300))
    );
    app.end().await;
}
