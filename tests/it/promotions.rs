//! Promotions of students get the Wi-Fi and lose it, and one user has it whatever the promotion does.

use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

on_both_databases!(
    a_promotion_is_activated_and_deactivated,
    who_cannot_be_activated_is_named,
    another_profile_holds_when_the_promotion_is_reactivated,
    one_user_is_switched_whatever_the_promotion_does,
    the_wifi_follows_the_account,
);

const PROFILES: &str = "/api/v1/admin/access-profiles";
const PROMOTIONS: &str = "/api/v1/admin/promotions";
const USERS: &str = "/api/v1/admin/users";

fn profile(name: &str, download_kbps: u32) -> Value {
    json!({
        "name": name, "quota_type": "limited", "upload_kbps": 512, "download_kbps": download_kbps,
        "daily_limit": 5_368_709_120_u64, "session_timeout": 60, "idle_timeout": 10, "simultaneous_use": 2,
        "validity_days": 30,
    })
}

/// A portal with a promotion, and the token of somebody who looks after it.
struct Campus {
    app: TestApp,
    admin: String,
    profile: String,
    promotion: String,
}

impl Campus {
    async fn on(database: TestDatabase) -> Self {
        let app = TestApp::start(database).await;
        let admin = app.log_in("admin@demo.test").await;
        let profile = id(&app.post(PROFILES, &admin, profile("Students", 2048)).await.data(201));
        let body = json!({ "name": "L1", "access_profile_id": profile });
        let promotion = id(&app.post(PROMOTIONS, &admin, body).await.data(201));
        Self { app, admin, profile, promotion }
    }

    /// A student's account; the portal has heard of it everywhere.
    async fn student(&self, number: u32) -> String {
        let body = json!({
            "first_name": "Élodie", "last_name": format!("Mbuyi {number}"),
            "matricule": format!("ET-{number}"), "password": "correct horse battery",
            "promotion_id": self.promotion,
        });
        let user = self.app.post(USERS, &self.admin, body).await.data(201);
        self.app.settle().await;
        id(&user)
    }

    async fn activate(&self, body: Value) -> Value {
        let path = format!("/api/v1/promotions/{}/activate", self.promotion);
        self.app.post(&path, &self.admin, body).await.data(200)
    }

    async fn explain(&self, name: &str) -> Value {
        self.app.get(&format!("/api/v1/admin/radius/explain/{name}"), &self.admin).await.data(200)
    }

    /// What would be sent to somebody who signs in.
    async fn reply(&self, name: &str, attribute: &str) -> Option<String> {
        let explained = self.explain(name).await;
        let replies = explained["replies"].as_array().unwrap();
        let found = replies.iter().find(|reply| reply["name"] == attribute);
        found.map(|reply| reply["value"].as_str().unwrap().to_owned())
    }

    async fn put(&self, path: &str, body: Value) -> Value {
        self.app.send(Method::PUT, path, Some(&self.admin), Some(body)).await.data(200)
    }
}

fn id(thing: &Value) -> String {
    thing["id"].as_str().unwrap().to_owned()
}

async fn a_promotion_is_activated_and_deactivated(database: TestDatabase) {
    let campus = Campus::on(database).await;
    let first = campus.student(1).await;
    campus.student(2).await;
    assert_eq!(campus.explain("et-1").await["reason"], "disabled");
    let open = campus.app.send(Method::GET, "/api/v1/promotions", None, None).await.data(200);
    assert_eq!(open, json!([{ "id": campus.promotion, "name": "L1" }]));

    let some = campus.activate(json!({ "user_ids": [first] })).await;
    assert_eq!((&some["users_enabled"], &some["users_failed"]), (&json!(1), &json!(0)));
    let rest = campus.activate(json!({})).await;
    assert_eq!((&rest["users_enabled"], &rest["users_unchanged"]), (&json!(1), &json!(1)));
    let again = campus.activate(json!({})).await;
    assert_eq!((&again["users_enabled"], &again["users_unchanged"]), (&json!(0), &json!(2)));

    // In whatever case the name is typed.
    let explained = campus.explain("Et-1").await;
    assert_eq!(
        explained["replies"],
        json!([
            { "name": "Session-Timeout", "value": "3600" },
            { "name": "Idle-Timeout", "value": "600" },
            { "name": "Acct-Interim-Interval", "value": "300" },
            { "name": "Mikrotik-Rate-Limit", "value": "512k/2048k" },
            { "name": "Mikrotik-Total-Limit", "value": "1073741824" },
            { "name": "Mikrotik-Total-Limit-Gigawords", "value": "1" },
        ])
    );
    let shown = campus.app.get(&format!("{PROMOTIONS}/{}", campus.promotion), &campus.admin).await.data(200);
    assert_eq!((&shown["users"], &shown["users_enabled"]), (&json!(2), &json!(2)));
    let users =
        campus.app.get(&format!("{PROMOTIONS}/{}/users", campus.promotion), &campus.admin).await.data(200);
    assert_eq!((&users[0]["username"], &users[0]["is_radius_enabled"]), (&json!("et-1"), &json!(true)));
    assert_eq!(users[0]["access_profile_name"], "Students");

    let path = format!("{PROMOTIONS}/{}", campus.promotion);
    let gone = campus.app.send(Method::DELETE, &path, Some(&campus.admin), None);
    let gone = gone.await;
    assert_eq!(gone.code(409), "promotion_not_empty");
    assert!(gone.body["errors"]["id"][0].as_str().unwrap().contains('2'), "{}", gone.body);
    let gone = campus
        .app
        .send(Method::DELETE, &format!("{PROFILES}/{}", campus.profile), Some(&campus.admin), None)
        .await;
    assert_eq!(gone.code(409), "access_profile_in_use");

    let path = format!("/api/v1/promotions/{}/deactivate", campus.promotion);
    assert_eq!(campus.app.post(&path, &campus.admin, json!({})).await.data(200)["users_disabled"], 2);
    assert_eq!(campus.app.post(&path, &campus.admin, json!({})).await.data(200)["users_disabled"], 0);
    assert_eq!(campus.explain("et-1").await["reason"], "disabled");
    campus.app.pass(chrono::Duration::minutes(2)).await;
    campus.app.end().await;
}

async fn who_cannot_be_activated_is_named(database: TestDatabase) {
    let campus = Campus::on(database).await;
    for number in 1..=3 {
        campus.student(number).await;
    }
    let off = campus.student(4).await;
    let path = format!("{USERS}/{off}/deactivate");
    campus.app.send(Method::POST, &path, Some(&campus.admin), None).await.data(200);
    campus.app.settle().await;
    let activated = campus.activate(json!({})).await;
    assert_eq!((&activated["users_enabled"], &activated["users_failed"]), (&json!(3), &json!(1)));
    assert_eq!(
        (&activated["errors"][0]["username"], &activated["errors"][0]["code"]),
        (&json!("et-4"), &json!("account_inactive"))
    );

    let body = json!({ "name": "L2" });
    let bare = id(&campus.app.post(PROMOTIONS, &campus.admin, body).await.data(201));
    let path = format!("/api/v1/promotions/{bare}/activate");
    let refused = campus.app.post(&path, &campus.admin, json!({})).await;
    assert_eq!(refused.code(422), "validation_failed");
    assert!(refused.body["errors"]["access_profile_id"].is_array());
    campus.app.end().await;
}

async fn another_profile_holds_when_the_promotion_is_reactivated(database: TestDatabase) {
    let campus = Campus::on(database).await;
    campus.student(1).await;
    campus.activate(json!({})).await;
    // A change of the profile reaches those who have it.
    let body = json!({ "profile": profile("Students", 4096), "reason": "a faster line" });
    campus.put(&format!("{PROFILES}/{}", campus.profile), body).await;
    campus.app.settle().await;
    assert_eq!(campus.reply("et-1", "Mikrotik-Rate-Limit").await.as_deref(), Some("512k/4096k"));

    let other = id(&campus.app.post(PROFILES, &campus.admin, profile("Night", 8192)).await.data(201));
    let promotion = json!({ "name": "L1", "access_profile_id": other });
    let path = format!("{PROMOTIONS}/{}", campus.promotion);
    campus.put(&path, json!({ "promotion": promotion })).await;
    campus.app.settle().await;
    assert_eq!(campus.reply("et-1", "Mikrotik-Rate-Limit").await.as_deref(), Some("512k/4096k"));
    campus.put(&path, json!({ "promotion": promotion, "reactivate": true })).await;
    campus.app.settle().await;
    assert_eq!(campus.reply("et-1", "Mikrotik-Rate-Limit").await.as_deref(), Some("512k/8192k"));

    let history =
        campus.app.get(&format!("{PROFILES}/{}/history", campus.profile), &campus.admin).await.data(200);
    let kinds: Vec<_> =
        history.as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["promotion", "changed", "promotion", "created"]);
    assert_eq!(
        (&history[1]["reason"], &history[1]["before"]["download_kbps"]),
        (&json!("a faster line"), &json!(2048))
    );
    campus.app.end().await;
}

async fn one_user_is_switched_whatever_the_promotion_does(database: TestDatabase) {
    let campus = Campus::on(database).await;
    let user = campus.student(1).await;
    let switch = async |to: &str| {
        let path = format!("{USERS}/{user}/wifi/{to}");
        campus.app.send(Method::POST, &path, Some(&campus.admin), None).await
    };
    assert_eq!(switch("enable").await.data(200)["is_radius_enabled"], true);
    assert_eq!(switch("enable").await.data(200)["is_radius_enabled"], true);
    assert_eq!(campus.explain("et-1").await["accepted"], true);

    let own = id(&campus.app.post(PROFILES, &campus.admin, profile("Thesis", 8192)).await.data(201));
    let path = format!("{USERS}/{user}/access-profile");
    campus.put(&path, json!({ "access_profile_id": own, "reason": "writes a thesis" })).await;
    assert_eq!(campus.reply("et-1", "Mikrotik-Rate-Limit").await.as_deref(), Some("512k/8192k"));
    campus.put(&path, json!({ "access_profile_id": null, "reason": "has finished" })).await;
    assert_eq!(campus.reply("et-1", "Mikrotik-Rate-Limit").await.as_deref(), Some("512k/2048k"));
    let gone = campus.app.send(Method::DELETE, &format!("{PROFILES}/{own}"), Some(&campus.admin), None).await;
    assert_eq!(gone.status, 204);

    let off = switch("disable").await.data(200);
    assert_eq!((&off["is_radius_enabled"], &off["is_radius_activated"]), (&json!(false), &json!(true)));
    assert_eq!(campus.explain("et-1").await["reason"], "disabled");
    // Replies are swept a while after the checks, and the group of the deleted profile a while after that.
    campus.app.pass(chrono::Duration::minutes(2)).await;
    campus.app.pass(chrono::Duration::minutes(2)).await;
    campus.app.end().await;
}

async fn the_wifi_follows_the_account(database: TestDatabase) {
    let campus = Campus::on(database).await;
    let user = campus.student(1).await;
    campus.activate(json!({})).await;
    let act = async |action: &str| {
        let path = format!("{USERS}/{user}/{action}");
        campus.app.send(Method::POST, &path, Some(&campus.admin), None).await.data(200);
        campus.app.settle().await;
    };
    act("deactivate").await;
    assert_eq!(campus.explain("et-1").await["hindrance"], "account_inactive");
    act("activate").await;
    assert_eq!(campus.explain("et-1").await["accepted"], true);
    let delete = json!({ "confirm": "ET-1" });
    campus.app.send(Method::DELETE, &format!("{USERS}/{user}"), Some(&campus.admin), Some(delete)).await;
    campus.app.settle().await;
    let explained = campus.explain("et-1").await;
    assert_eq!(explained["accepted"], false);
    assert_eq!(explained["reason"], "unknown_user");
    let used = ["today", "week", "month", "total"].map(|period| explained[format!("used_{period}")].clone());
    assert_eq!(used, [Value::Null, Value::Null, Value::Null, Value::Null]);
    // Replies are swept a while after the checks.
    campus.app.pass(chrono::Duration::minutes(2)).await;
    campus.app.end().await;
}
