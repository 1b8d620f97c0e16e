//! Who is online: what owners and staff see of it, what survives a router that forgets, and what staff do about it.

use chrono::Duration;
use kernel::Clock as _;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use serde_json::{Value, json};

use crate::app::TestApp;

on_both_databases!(
    a_session_is_shown_while_it_lasts_and_closed_afterwards,
    what_was_used_survives_a_restart_and_counters_that_begin_anew,
    counters_beyond_all_reason_stop_nothing,
    a_router_that_is_away_holds_up_nobody,
    staff_end_a_session,
    staff_limit_a_session,
    a_session_ends_with_its_credentials,
    two_workers_count_once,
    interfaces_are_shown_as_last_seen,
);

const PHONE: &str = "02:00:5E:00:53:01";

/// A customer with one set of credentials that work; gives the token and the username.
pub async fn customer(app: &TestApp) -> (String, String) {
    let token = app.log_in("user1@demo.test").await;
    let order = app.order(&token, "2H", 1).await;
    app.pay(&token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    let users = app.get(&format!("/api/v1/hotspot-users?order_id={order}"), &token).await.data(200);
    (token, users[0]["username"].as_str().unwrap().to_owned())
}

/// Signs a device in on the router.
pub fn sign_in(app: &TestApp, username: &str, mac: &str) {
    app.router().open_session(username, mac, "10.5.50.2".parse().unwrap()).unwrap();
}

/// The caller's sessions, latest first.
pub async fn sessions(app: &TestApp, token: &str) -> Vec<Value> {
    app.get("/api/v1/sessions", token).await.data(200).as_array().unwrap().clone()
}

async fn look(app: &TestApp) {
    app.run(Task::SyncSessions).await;
}

async fn usage(app: &TestApp, token: &str, session: &Value) -> Value {
    let id = session["hotspot_user_id"].as_str().unwrap();
    app.get(&format!("/api/v1/hotspot-users/{id}/usage"), token).await.data(200)
}

async fn a_session_is_shown_while_it_lasts_and_closed_afterwards(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, username) = customer(&app).await;
    assert!(sessions(&app, &token).await.is_empty());
    let began = app.around.clock.now();
    sign_in(&app, &username, PHONE);
    app.pass(Duration::minutes(2)).await;
    app.router().pass_traffic(&username, 1_000, 50_000).unwrap();
    app.tick().await;
    let open = sessions(&app, &token).await.remove(0);
    assert_eq!(open["username"], json!(username));
    assert_eq!(
        (&open["mac"], &open["address"], &open["router"]),
        (&json!(PHONE), &json!("10.5.50.2"), &json!("main"))
    );
    assert_eq!(open["started_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap(), began);
    assert_eq!((&open["uploaded_bytes"], &open["downloaded_bytes"]), (&json!(1_000), &json!(50_000)));
    assert_eq!((&open["duration_seconds"], &open["closed_at"]), (&json!(120), &Value::Null));
    let of_user =
        format!("/api/v1/hotspot-users/{}/sessions?open=true", open["hotspot_user_id"].as_str().unwrap());
    assert_eq!(app.get(&of_user, &token).await.data(200), json!([open]));

    app.router().close_sessions(&username).unwrap();
    app.pass(Duration::minutes(2)).await;
    app.tick().await;
    let closed = sessions(&app, &token).await.remove(0);
    assert_eq!((&closed["id"], &closed["ending"]), (&open["id"], &json!("gone")));
    assert_eq!(
        usage(&app, &token, &closed).await,
        json!({
            "sessions": 1, "seconds": 120, "uploaded_bytes": 1_000, "downloaded_bytes": 50_000,
        })
    );

    // Nobody else sees it, and staff find it by their filters.
    let (other, admin) = (app.log_in("user2@demo.test").await, app.log_in("admin@demo.test").await);
    assert!(sessions(&app, &other).await.is_empty());
    assert_eq!(app.get(&of_user, &other).await.code(404), "not_found");
    for (query, found) in
        [("open=false", 1), ("open=true", 0), ("username=hs", 1), ("from=2030-01-01T00:00:00Z", 0)]
    {
        let list = app.get(&format!("/api/v1/admin/sessions?{query}"), &admin).await.data(200);
        assert_eq!(list.as_array().unwrap().len(), found, "{query}");
    }
    let file = app.get("/api/v1/admin/sessions/export", &admin).await;
    assert!(file.body.as_str().unwrap().contains(&format!("{username},")));
    app.end().await;
}

async fn what_was_used_survives_a_restart_and_counters_that_begin_anew(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, username) = customer(&app).await;
    sign_in(&app, &username, PHONE);
    app.pass(Duration::minutes(2)).await;
    app.router().pass_traffic(&username, 100, 1_000).unwrap();
    look(&app).await;
    // The router is restarted; the phone signs in again and gets the id that it had.
    app.router().restart().unwrap();
    app.pass(Duration::seconds(10)).await;
    sign_in(&app, &username, PHONE);
    app.pass(Duration::minutes(3)).await;
    app.router().pass_traffic(&username, 200, 2_000).unwrap();
    look(&app).await;
    let [second, first] = &sessions(&app, &token).await[..] else { panic!("two sessions") };
    assert_eq!((&first["ending"], &second["ending"]), (&json!("gone"), &Value::Null));
    // Somebody sets the counters back while the session goes on.
    app.router().reset_counters(&username).unwrap();
    app.pass(Duration::minutes(2)).await;
    app.router().pass_traffic(&username, 10, 100).unwrap();
    look(&app).await;
    look(&app).await;
    assert_eq!(sessions(&app, &token).await.len(), 2);
    assert_eq!(
        usage(&app, &token, second).await,
        json!({
            "sessions": 2, "seconds": 120 + 300, "uploaded_bytes": 310, "downloaded_bytes": 3_100,
        })
    );
    app.end().await;
}

async fn counters_beyond_all_reason_stop_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, username) = customer(&app).await;
    sign_in(&app, &username, PHONE);
    app.router().pass_traffic(&username, u64::MAX / 2, u64::MAX / 2).unwrap();
    look(&app).await;
    let session = sessions(&app, &token).await.remove(0);
    assert!(usage(&app, &token, &session).await["downloaded_bytes"].as_u64() > Some(0));
    app.router().remove_by_hand(&username).unwrap();
    app.run(Task::SyncUsers).await;
    assert!(app.router_state().users.contains_key(&username), "the comparison goes on");
    app.end().await;
}

async fn a_router_that_is_away_holds_up_nobody(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, username) = customer(&app).await;
    sign_in(&app, &username, PHONE);
    app.pass(Duration::minutes(2)).await;
    look(&app).await;
    app.router().change(|conditions| conditions.down = true).unwrap();
    for _ in 0..5 {
        app.pass(Duration::minutes(2)).await;
        look(&app).await;
    }
    let waiting = app.composition.background.database.unfinished_jobs(20).await.unwrap();
    assert_eq!(waiting.iter().filter(|job| job.kind == "hotspot.sync_sessions").count(), 1);
    // What nobody can see is not taken for over.
    assert_eq!(sessions(&app, &token).await[0]["closed_at"], Value::Null);
    app.router().change(|conditions| conditions.down = false).unwrap();
    app.pass(Duration::minutes(2)).await;
    let session = sessions(&app, &token).await.remove(0);
    assert_eq!(session["closed_at"], Value::Null);
    assert!(session["duration_seconds"].as_u64().unwrap() >= 840, "{session}");
    app.end().await;
}

async fn staff_end_a_session(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let (token, username) = customer(&app).await;
    sign_in(&app, &username, PHONE);
    app.pass(Duration::minutes(2)).await;
    look(&app).await;
    app.router().pass_traffic(&username, 7, 70).unwrap();
    app.pass(Duration::minutes(1)).await;
    let id = sessions(&app, &token).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/admin/sessions/{id}/terminate");
    let asked = app.post(&path, &admin, Value::Null).await.data(202);
    assert!(asked["termination_asked_at"].is_string() && asked["closed_at"].is_null());
    app.settle().await;
    assert!(app.router_state().sessions.is_empty());
    let ended = sessions(&app, &token).await.remove(0);
    // What passed since the last look is counted.
    assert_eq!((&ended["ending"], &ended["downloaded_bytes"]), (&json!("terminated"), &json!(70)));
    assert_eq!(app.post(&path, &admin, Value::Null).await.code(409), "session_over");
    look(&app).await;
    assert_eq!(sessions(&app, &token).await, [ended]);
    assert_eq!(app.audited(&format!("session:{id}")).await, ["terminate"]);
    app.end().await;
}

async fn staff_limit_a_session(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let (token, username) = customer(&app).await;
    sign_in(&app, &username, PHONE);
    app.pass(Duration::minutes(2)).await;
    look(&app).await;
    let id = sessions(&app, &token).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/admin/sessions/{id}/rate-limit");
    let wanted = json!({"upload_kbps": 64, "download_kbps": null});
    let asked = app.post(&path, &admin, wanted).await.data(202);
    assert_eq!(asked["rate_limit"], json!({"upload_kbps": 64, "download_kbps": null, "set_at": null}));
    app.settle().await;
    assert_eq!(app.router_state().sessions[0].rate_limit, Some((Some(64), None)));
    app.pass(Duration::minutes(2)).await;
    look(&app).await;
    let shown = app.get("/api/v1/admin/sessions", &admin).await.data(200);
    assert!(shown[0]["rate_limit"]["set_at"].is_string(), "{shown}");
    let refused = app.post(&path, &admin, json!({"upload_kbps": 0})).await;
    assert_eq!(refused.code(422), "validation_failed");
    app.end().await;
}

async fn a_session_ends_with_its_credentials(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (_, username) = customer(&app).await;
    sign_in(&app, &username, PHONE);
    app.pass(Duration::minutes(100)).await;
    look(&app).await;
    app.pass(Duration::minutes(21)).await;
    app.router().pass_traffic(&username, 5, 50).unwrap();
    app.run(Task::ExpireUsers).await;
    assert!(app.router_state().sessions.is_empty());
    let token = app.log_in("user1@demo.test").await;
    let ended = sessions(&app, &token).await.remove(0);
    assert_eq!((&ended["ending"], &ended["downloaded_bytes"]), (&json!("credentials_over"), &json!(50)));
    assert_eq!(ended["duration_seconds"], json!(121 * 60));
    app.end().await;
}

async fn two_workers_count_once(database: TestDatabase) {
    let first = TestApp::start(database).await;
    let mut second = first.second(&[]).await;
    let (token, username) = customer(&first).await;
    sign_in(&first, &username, PHONE);
    for _ in 0..4 {
        first.around.clock.advance(Duration::minutes(2));
        first.router().pass_traffic(&username, 10, 100).unwrap();
        tokio::join!(first.run(Task::SyncSessions), second.run(Task::SyncSessions));
    }
    let own = sessions(&first, &token).await;
    assert_eq!((own.len(), &own[0]["downloaded_bytes"]), (1, &json!(400)));
    second.stop().await;
    first.end().await;
}

async fn interfaces_are_shown_as_last_seen(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let path = "/api/v1/admin/monitoring/interfaces";
    assert_eq!(app.get(path, &admin).await.data(200)["interfaces"], json!([]));
    let (_, username) = customer(&app).await;
    sign_in(&app, &username, PHONE);
    look(&app).await;
    let shown = app.get(path, &admin).await.data(200);
    let interface = &shown["interfaces"][0];
    assert_eq!((&interface["router"], &interface["interface"]), (&json!("main"), &json!("bridge-hotspot")));
    assert_eq!(interface["connected_users"], json!(1));
    assert_eq!(interface["last_sync_at"], shown["timestamp"]);
    app.end().await;
}
