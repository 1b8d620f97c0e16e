//! What is on sale: read by everybody, changed by admins, and shown as it is.

use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::TestApp;

on_both_databases!(
    a_change_is_seen_at_once_and_nothing_new_is_not_sent_again,
    another_process_sees_a_change_in_time
);

fn offer(name: &str) -> Value {
    json!({
        "name": name, "description": "Three hours", "price": {"amount": "2.00", "currency": "CDF"},
        "validity_minutes": 180, "validity_start": "creation", "target": "router", "display_order": 9,
        "policy": {"upload_kbps": 512, "download_kbps": 2048, "data_cap_bytes": 1_000_000_000u64},
    })
}

async fn on_sale(app: &TestApp) -> Vec<String> {
    let packages = app.send(Method::GET, "/api/v1/user-profiles", None, None).await.data(200);
    packages.as_array().unwrap().iter().map(|package| package["name"].as_str().unwrap().to_owned()).collect()
}

async fn a_change_is_seen_at_once_and_nothing_new_is_not_sent_again(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let first = app.send(Method::GET, "/api/v1/user-profiles", None, None).await;
    let tag = first.headers["etag"].to_str().unwrap();
    let known = [("If-None-Match", tag)];
    let again = app.send_with(Method::GET, "/api/v1/user-profiles", None, None, &known).await;
    assert_eq!((again.status, again.body), (StatusCode::NOT_MODIFIED, Value::String(String::new())));

    let created = app.post("/api/v1/admin/user-profiles", &admin, offer("3H")).await.data(201);
    assert_eq!(on_sale(&app).await, ["2H", "1DAY", "1WEEK", "3H"]);
    let changed = app.send_with(Method::GET, "/api/v1/user-profiles", None, None, &known).await;
    assert_eq!(changed.status, 200);

    let path = format!("/api/v1/admin/user-profiles/{}", created["id"].as_str().unwrap());
    let body = json!({"offer": offer("3HOURS"), "status": "active"});
    app.send(Method::PUT, &path, Some(&admin), Some(body)).await.data(200);
    assert_eq!(on_sale(&app).await, ["2H", "1DAY", "1WEEK", "3HOURS"]);
    let retired = app.send(Method::DELETE, &path, Some(&admin), None).await.data(200);
    assert_eq!(retired["status"], "retired");
    assert_eq!(on_sale(&app).await, ["2H", "1DAY", "1WEEK"]);
    app.end().await;
}

async fn another_process_sees_a_change_in_time(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let other = app.second(&[]).await;
    let admin = app.log_in("admin@demo.test").await;
    assert_eq!(on_sale(&other).await.len(), 3);
    app.post("/api/v1/admin/user-profiles", &admin, offer("3H")).await.data(201);
    app.around.clock.advance(chrono::Duration::minutes(5));
    assert_eq!(on_sale(&other).await.len(), 4);
    other.end().await;
    app.end().await;
}
