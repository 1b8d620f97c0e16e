//! Staff make access profiles, and are told what does not fit together.

use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

on_both_databases!(a_profile_is_made_changed_and_deleted, what_does_not_fit_is_named);

const PROFILES: &str = "/api/v1/admin/access-profiles";

fn students() -> Value {
    json!({
        "name": "Students", "description": "First year", "quota_type": "limited", "upload_kbps": 512,
        "daily_limit": 1_000_000_000_u64, "monthly_limit": 20_000_000_000_u64, "session_timeout": 480,
        "login_time": "Wk0800-2000,Sa0900-1300",
        "validity_days": 180, "exhaustion": "throttle", "throttle_upload_kbps": 64, "throttle_download_kbps": 128,
    })
}

async fn a_profile_is_made_changed_and_deleted(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let made = app.post(PROFILES, &admin, students()).await.data(201);
    let path = format!("{PROFILES}/{}", made["id"].as_str().unwrap());
    assert_eq!((&made["session_timeout"], &made["idle_timeout"]), (&json!(480), &Value::Null));
    assert_eq!(made["login_time"], "Wk0800-2000,Sa0900-1300");
    assert_eq!((&made["version"], &made["users"], &made["promotions"]), (&json!(1), &json!(0), &json!(0)));
    let staff = json!({ "name": "Staff", "quota_type": "unlimited", "validity_days": 365 });
    app.post(PROFILES, &admin, staff.clone()).await.data(201);
    let taken = app.post(PROFILES, &admin, staff).await;
    assert!(taken.body["errors"]["name"].is_array(), "{}", taken.body);
    for (query, name) in
        [("quota_type=limited", "Students"), ("quota_type=unlimited&is_active=true", "Staff")]
    {
        let listed = app.get(&format!("{PROFILES}?{query}"), &admin).await.data(200);
        assert_eq!((listed.as_array().unwrap().len(), &listed[0]["name"]), (1, &json!(name)));
    }

    let change = async |field: &str, value: Value| {
        let mut profile = students();
        profile[field] = value;
        app.send(Method::PUT, &path, Some(&admin), Some(json!({ "profile": profile }))).await.data(200)
    };
    assert_eq!(change("description", json!("Second year")).await["version"], 1);
    assert_eq!(change("validity_days", json!(90)).await["version"], 2);
    assert_eq!(change("login_time", Value::Null).await["version"], 3);
    assert_eq!(app.send(Method::DELETE, &path, Some(&admin), None).await.status, 204);
    app.get(&path, &admin).await.code(404);
    let history = app.get(&format!("{path}/history"), &admin).await.data(200);
    let kinds: Vec<_> =
        history.as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["deleted", "changed", "changed", "changed", "created"]);
    let times = |side: &str| &history[1][side]["login_time"];
    assert_eq!((times("before"), times("after")), (&json!("Wk0800-2000,Sa0900-1300"), &Value::Null));
    assert!(history[0]["actor"].as_str().unwrap().starts_with("user:"));
    app.end().await;
}

async fn what_does_not_fit_is_named(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    for (field, value, named) in [
        ("name", json!(""), "name"),
        ("upload_kbps", json!(0), "upload_kbps"),
        ("upload_kbps", json!(-1), "upload_kbps"),
        ("monthly_limit", json!(999_999_999), "monthly_limit"),
        ("session_timeout", json!(0), "session_timeout"),
        ("simultaneous_use", json!(0), "simultaneous_use"),
        ("login_time", json!("8 am to 8 pm"), "login_time"),
        ("login_time", json!(""), "login_time"),
        ("validity_days", json!(6), "validity_days"),
        ("validity_days", json!(366), "validity_days"),
        ("quota_type", json!("unlimited"), "quota_type"),
        ("exhaustion", json!("block"), "exhaustion"),
        ("throttle_upload_kbps", Value::Null, "throttle_upload_kbps"),
        ("surprise", json!(1), "surprise"),
    ] {
        let mut profile = students();
        profile[field] = value;
        let refused = app.post(PROFILES, &admin, profile).await;
        assert_eq!(refused.code(422), "validation_failed", "{field}");
        assert!(refused.body["errors"][named].is_array(), "{field}: {}", refused.body);
    }
    app.end().await;
}
