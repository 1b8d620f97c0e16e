//! Devices: what has signed in with one's credentials, and keeping one of them out.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    sessions::{customer, sessions, sign_in},
};

on_both_databases!(
    a_device_is_known_from_its_sessions_and_named,
    a_device_that_is_switched_off_stays_out,
    a_device_of_two_accounts_is_blocked_by_neither,
    a_device_that_somebody_without_an_account_uses_too_is_not_blocked,
    what_has_no_mac_is_no_device,
    switching_a_device_again_and_again_leaves_no_pile_of_work,
    a_forgotten_device_comes_back_as_a_new_one,
);

const PHONE: &str = "02:00:5E:00:53:01";

async fn devices(app: &TestApp, token: &str) -> Vec<Value> {
    app.get("/api/v1/devices", token).await.data(200).as_array().unwrap().clone()
}

async fn change(app: &TestApp, token: &str, device: &Value, body: Value) -> Value {
    let path = format!("/api/v1/devices/{}", device["id"].as_str().unwrap());
    app.send(Method::PATCH, &path, Some(token), Some(body)).await.data(200)
}

async fn a_device_is_known_from_its_sessions_and_named(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, username) = customer(&app).await;
    assert!(devices(&app, &token).await.is_empty());
    sign_in(&app, &username, PHONE);
    app.run(Task::SyncSessions).await;
    let device = devices(&app, &token).await.remove(0);
    assert_eq!(
        (&device["mac"], &device["class"], &device["active"]),
        (&json!(PHONE), &json!("unknown"), &json!(true))
    );
    assert_eq!(sessions(&app, &token).await[0]["device_id"], device["id"]);
    let named = change(&app, &token, &device, json!({"name": " My phone "})).await;
    assert_eq!(named["name"], json!("My phone"));
    app.pass(Duration::minutes(2)).await;
    app.run(Task::SyncSessions).await;
    let seen = devices(&app, &token).await.remove(0);
    assert_eq!((&seen["id"], &seen["name"]), (&device["id"], &json!("My phone")));
    assert!(seen["last_seen_at"].as_str() > seen["first_seen_at"].as_str());

    let other = app.log_in("user2@demo.test").await;
    let path = format!("/api/v1/devices/{}", device["id"].as_str().unwrap());
    let stolen = app.send(Method::PATCH, &path, Some(&other), Some(json!({"active": false}))).await;
    assert_eq!(stolen.code(404), "not_found");
    assert_eq!(app.send(Method::DELETE, &path, Some(&other), None).await.code(404), "not_found");
    app.end().await;
}

async fn a_device_that_is_switched_off_stays_out(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, username) = customer(&app).await;
    sign_in(&app, &username, PHONE);
    app.run(Task::SyncSessions).await;
    let device = devices(&app, &token).await.remove(0);
    change(&app, &token, &device, json!({"active": false})).await;
    app.settle().await;
    let state = app.router_state();
    assert!(state.sessions.is_empty());
    assert!(state.blocked_devices.contains(PHONE));
    assert_eq!(sessions(&app, &token).await[0]["ending"], json!("device_blocked"));

    // Were it to get in all the same, it would not last.
    app.pass(Duration::minutes(2)).await;
    sign_in(&app, &username, PHONE);
    app.pass(Duration::minutes(2)).await;
    app.run(Task::SyncSessions).await;
    assert!(app.router_state().sessions.is_empty());
    assert_eq!(sessions(&app, &token).await[0]["ending"], json!("device_blocked"));

    change(&app, &token, &device, json!({"active": true})).await;
    app.settle().await;
    assert!(app.router_state().blocked_devices.is_empty());
    sign_in(&app, &username, PHONE);
    app.run(Task::SyncSessions).await;
    assert_eq!(app.router_state().sessions.len(), 1);
    let id = device["id"].as_str().unwrap();
    assert_eq!(app.audited(&format!("device:{id}")).await, ["deactivate", "activate"]);
    app.end().await;
}

async fn a_device_of_two_accounts_is_blocked_by_neither(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, username) = customer(&app).await;
    let other = app.log_in("user2@demo.test").await;
    let order = app.order(&other, "2H", 1).await;
    app.pay(&other, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    let users = app.get("/api/v1/hotspot-users", &other).await.data(200);
    let others = users[0]["username"].as_str().unwrap();
    sign_in(&app, &username, PHONE);
    sign_in(&app, others, PHONE);
    app.run(Task::SyncSessions).await;
    let device = devices(&app, &token).await.remove(0);
    change(&app, &token, &device, json!({"active": false})).await;
    app.settle().await;
    let state = app.router_state();
    assert!(state.blocked_devices.is_empty());
    assert_eq!(state.sessions.iter().map(|session| session.username.as_str()).collect::<Vec<_>>(), [others]);
    app.end().await;
}

async fn a_device_that_somebody_without_an_account_uses_too_is_not_blocked(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, username) = customer(&app).await;
    app.router().add_foreign_user("reception", "front desk").unwrap();
    sign_in(&app, "reception", PHONE);
    app.run(Task::SyncSessions).await;
    app.router().close_sessions("reception").unwrap();
    app.pass(Duration::minutes(2)).await;
    // Whoever wants to lock the front desk out shows its address to the router.
    sign_in(&app, &username, PHONE);
    app.run(Task::SyncSessions).await;
    let device = devices(&app, &token).await.remove(0);
    change(&app, &token, &device, json!({"active": false})).await;
    app.settle().await;
    let state = app.router_state();
    assert!(state.blocked_devices.is_empty(), "{:?}", state.blocked_devices);
    assert!(state.sessions.is_empty(), "it stays out with these credentials all the same");
    app.end().await;
}

async fn what_has_no_mac_is_no_device(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, username) = customer(&app).await;
    for mac in ["", "00:00:00:00:00:00", "behind another router"] {
        sign_in(&app, &username, mac);
    }
    app.run(Task::SyncSessions).await;
    assert_eq!(sessions(&app, &token).await.len(), 3);
    // A router would read a block without an address as one of everybody.
    assert!(devices(&app, &token).await.is_empty());
    app.end().await;
}

async fn switching_a_device_again_and_again_leaves_no_pile_of_work(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, username) = customer(&app).await;
    sign_in(&app, &username, PHONE);
    app.run(Task::SyncSessions).await;
    let device = devices(&app, &token).await.remove(0);
    app.router().change(|conditions| conditions.down = true).unwrap();
    for active in [false, true].repeat(5) {
        change(&app, &token, &device, json!({"active": active})).await;
        app.settle().await;
    }
    change(&app, &token, &device, json!({"active": false})).await;
    app.settle().await;
    let backlog = app.composition.background.database.backlog().await.unwrap();
    let jobs: u64 = backlog.iter().map(|queue| queue.due + queue.later).sum();
    assert!(jobs <= 2, "{backlog:?}");
    app.router().change(|conditions| conditions.down = false).unwrap();
    app.pass(Duration::hours(1)).await;
    let state = app.router_state();
    assert!(state.sessions.is_empty() && state.blocked_devices.contains(PHONE));
    app.end().await;
}

async fn a_forgotten_device_comes_back_as_a_new_one(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (token, username) = customer(&app).await;
    sign_in(&app, &username, PHONE);
    app.run(Task::SyncSessions).await;
    let device = devices(&app, &token).await.remove(0);
    change(&app, &token, &device, json!({"active": false})).await;
    app.settle().await;
    let path = format!("/api/v1/devices/{}", device["id"].as_str().unwrap());
    assert_eq!(app.send(Method::DELETE, &path, Some(&token), None).await.status, 204);
    app.settle().await;
    assert!(devices(&app, &token).await.is_empty());
    assert!(app.router_state().blocked_devices.is_empty());
    assert_eq!(sessions(&app, &token).await[0]["device_id"], Value::Null);
    app.pass(Duration::minutes(2)).await;
    sign_in(&app, &username, PHONE);
    app.run(Task::SyncSessions).await;
    let again = devices(&app, &token).await.remove(0);
    assert!(again["id"] != device["id"] && again["active"] == json!(true));
    app.end().await;
}
