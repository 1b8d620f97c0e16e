//! Packages whose credentials RADIUS enforces: they are sold as those on a router are, and FreeRADIUS's tables say who
//! gets in with which limits. What is asked in the end is the policy that every RADIUS server answers by.

use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use radius::policy::{Decision, Refusal};
use serde_json::{Value, json};

use crate::app::{Reply, TestApp};

on_both_databases!(
    what_was_paid_for_gets_in,
    who_is_suspended_stays_out_until_resumed,
    what_is_revoked_leaves_nothing_behind,
    what_has_expired_comes_back_with_more_time,
    doing_it_again_makes_nothing_twice,
    two_workers_make_it_once,
    credentials_move_between_a_router_and_radius,
    a_router_does_not_go_with_radius,
    staff_cannot_touch_what_stands_for_radius,
);

/// What the tables say of somebody who may sign in, but for the secret.
const CHECKS: [&str; 1] = ["Simultaneous-Use := 1"];
const REPLIES: [&str; 5] = [
    "Acct-Interim-Interval := 300",
    "Idle-Timeout := 300",
    "Mikrotik-Rate-Limit := 512k/2048k",
    "Mikrotik-Total-Limit := 1073741824",
    "Session-Timeout := 3600",
];

/// A package by RADIUS.
pub fn package(validity_start: &str) -> Value {
    json!({
        "name": "Campus", "price": {"amount": "500.00", "currency": "CDF"}, "validity_minutes": 120,
        "validity_start": validity_start, "target": "radius",
        "policy": {
            "upload_kbps": 512, "download_kbps": 2048, "data_cap_bytes": 1 << 30,
            "session_timeout_seconds": 3600, "idle_timeout_seconds": 300, "simultaneous_use": 1,
        },
    })
}

/// Somebody buys one set of credentials by RADIUS and has paid; nothing is made yet. Gives the staff's and the owner's
/// tokens, and the order.
pub async fn buy(app: &TestApp, validity_start: &str) -> (String, String, String) {
    let (admin, owner) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    app.post("/api/v1/admin/user-profiles", &admin, package(validity_start)).await.data(201);
    let order = app.order(&owner, "Campus", 1).await;
    app.pay(&owner, &order, "0000").await;
    app.settle().await;
    app.around.clock.advance(Duration::seconds(1));
    (admin, owner, order)
}

/// What the portal calls the credentials: their id and their name.
pub async fn bought(app: &TestApp, admin: &str) -> (String, String) {
    let user = app.get("/api/v1/admin/hotspot-users", admin).await.data(200)[0].clone();
    let text = |field: &str| user[field].as_str().unwrap().to_owned();
    (text("id"), text("username"))
}

/// One set of credentials by RADIUS, made.
struct Sale {
    app: TestApp,
    admin: String,
    owner: String,
    order: String,
    id: String,
    name: String,
}

impl Sale {
    async fn one(database: TestDatabase) -> Self {
        let app = TestApp::start(database).await;
        let (admin, owner, order) = buy(&app, "creation").await;
        app.settle().await;
        let (id, name) = bought(&app, &admin).await;
        Self { app, admin, owner, order, id, name }
    }

    async fn ask(&self, verb: &str, body: Value) -> Reply {
        let admin = self.app.log_in("admin@demo.test").await;
        self.app.post(&format!("/api/v1/admin/hotspot-users/{}/{verb}", self.id), &admin, body).await
    }

    /// The same, and everything that follows.
    async fn done(&self, verb: &str, body: Value) {
        self.ask(verb, body).await.data(202);
        self.app.settle().await;
    }

    async fn password(&self) -> String {
        let path = format!("/api/v1/hotspot-users/{}/credentials", self.id);
        let owner = self.app.log_in("user1@demo.test").await;
        let credentials = self.app.get(&path, &owner).await.data(200);
        assert_eq!(credentials["username"], self.name);
        credentials["password"].as_str().unwrap().to_owned()
    }

    /// What a table says of the name.
    async fn rows(&self, table: &str) -> Vec<String> {
        let name = self.name.to_lowercase();
        let sql = format!(
            "SELECT attribute || ' ' || op || ' ' || value FROM {table} WHERE username = '{name}' ORDER BY attribute"
        );
        self.app.database.texts(&sql).await
    }

    /// What a RADIUS server answers to the right password.
    async fn answer(&self) -> Decision {
        self.app.composition.services.radius.explain(&self.name, None).await.unwrap().decision
    }

    async fn assert_in(&self) {
        let mut checks = vec![format!("Cleartext-Password := {}", self.password().await)];
        checks.extend(CHECKS.map(str::to_owned));
        assert_eq!(self.rows("radcheck").await, checks);
        assert_eq!(self.rows("radreply").await, REPLIES);
        let Decision::Accept(replies) = self.answer().await else { panic!("{} gets in", self.name) };
        let mut replies: Vec<_> =
            replies.iter().map(|reply| format!("{} := {}", reply.name, reply.value)).collect();
        replies.sort();
        assert_eq!(replies, REPLIES);
    }

    async fn assert_gone(&self) {
        assert!(self.rows("radcheck").await.is_empty());
        assert_eq!(self.answer().await, Decision::Refuse(Refusal::Unknown));
        // FreeRADIUS reads its tables one after the other: the rest goes when nobody can be between two of them.
        self.app.pass(Duration::minutes(2)).await;
        assert!(self.rows("radreply").await.is_empty());
        assert!(self.app.database.texts("SELECT username FROM radusergroup").await.is_empty());
    }

    /// What stands for RADIUS, as staff see it.
    async fn radius_router(&self) -> Value {
        let admin = self.app.log_in("admin@demo.test").await;
        let routers = self.app.get("/api/v1/admin/routers", &admin).await.data(200);
        let by_mode = |router: &&Value| router["mode"] == json!("radius");
        let mut standing = routers.as_array().unwrap().iter().filter(by_mode);
        let one = standing.next().unwrap().clone();
        assert!(standing.next().is_none());
        one
    }
}

async fn what_was_paid_for_gets_in(database: TestDatabase) {
    let sale = Sale::one(database).await;
    let app = &sale.app;
    assert_eq!(app.order_status(&sale.owner, &sale.order).await, "completed");
    let shown = app.send(reqwest::Method::GET, "/api/v1/user-profiles", None, None).await.data(200);
    let shown = shown.as_array().unwrap().iter().find(|package| package["name"] == json!("Campus")).unwrap();
    assert_eq!(shown["target"], json!("radius"));
    let (texts, password) = (app.text_messages(), sale.password().await);
    assert!(texts.iter().any(|text| text.text.contains(&sale.name) && text.text.contains(&password)));
    sale.assert_in().await;
    // People write their names as they like.
    let explained = app.composition.services.radius.explain(&sale.name.to_uppercase(), None).await.unwrap();
    assert!(matches!(explained.decision, Decision::Accept(_)));
    assert!(app.router_state().users.is_empty(), "no router hears of it");

    let standing = sale.radius_router().await;
    assert_eq!((&standing["name"], &standing["users"]), (&json!("RADIUS"), &json!(1)));
    assert_eq!((&standing["is_default"], &standing["host"]), (&json!(false), &json!("")));
    app.run(Task::CheckRouters).await;
    app.run(Task::SyncUsers).await;
    assert!(sale.radius_router().await["health"]["last_seen_at"].is_string());
    let test = format!("/api/v1/admin/routers/{}/test", standing["id"].as_str().unwrap());
    let tested = app.post(&test, &sale.admin, Value::Null).await.data(200);
    assert_eq!((&tested["reachable"], &tested["identity"]), (&json!(true), &json!("RADIUS")));
    let unknown = app.get("/api/v1/admin/router-users", &sale.admin).await.data(200);
    assert_eq!(unknown, json!([]));
    sale.assert_in().await;
    sale.app.end().await;
}

async fn who_is_suspended_stays_out_until_resumed(database: TestDatabase) {
    let sale = Sale::one(database).await;
    sale.done("suspend", json!({"reason": "shares the password"})).await;
    assert!(sale.rows("radcheck").await.is_empty());
    assert_eq!(sale.answer().await, Decision::Refuse(Refusal::Disabled));
    sale.app.run(Task::SyncUsers).await;
    assert_eq!(sale.answer().await, Decision::Refuse(Refusal::Disabled));
    sale.done("resume", json!({})).await;
    sale.assert_in().await;
    // Its rows were swept, and are there again.
    sale.done("suspend", json!({})).await;
    sale.app.pass(Duration::minutes(2)).await;
    assert!(sale.rows("radreply").await.is_empty());
    sale.done("resume", json!({})).await;
    sale.app.pass(Duration::minutes(2)).await;
    sale.assert_in().await;
    sale.app.end().await;
}

async fn what_is_revoked_leaves_nothing_behind(database: TestDatabase) {
    let sale = Sale::one(database).await;
    sale.done("revoke", json!({"reason": "a mistake"})).await;
    sale.assert_gone().await;
    let sealed = "SELECT username FROM subscribers WHERE marker IS NOT NULL AND sealed_secret IS NOT NULL";
    assert!(sale.app.database.texts(sealed).await.is_empty(), "its secret is forgotten");
    sale.app.run(Task::SyncUsers).await;
    sale.assert_gone().await;
    assert_eq!(sale.radius_router().await["users"], json!(0));
    sale.app.end().await;
}

async fn what_has_expired_comes_back_with_more_time(database: TestDatabase) {
    let sale = Sale::one(database).await;
    let password = sale.password().await;
    sale.app.pass(Duration::hours(2)).await;
    sale.app.run(Task::ExpireUsers).await;
    sale.assert_gone().await;
    sale.done("extend", json!({"minutes": 60})).await;
    assert_eq!(sale.password().await, password);
    sale.assert_in().await;
    sale.app.end().await;
}

async fn doing_it_again_makes_nothing_twice(database: TestDatabase) {
    let sale = Sale::one(database).await;
    let sealed = "SELECT sealed_secret FROM subscribers WHERE marker IS NOT NULL";
    let before = sale.app.database.texts(sealed).await;
    assert_eq!(before.len(), 1);
    // A process wrote the access, and died before it wrote that it had.
    let forget = "UPDATE hotspot_users SET status = 'pending', activated_at = NULL, expires_at = NULL";
    assert_eq!(sale.app.database.execute(forget).await, 1);
    let path = format!("/api/v1/admin/orders/{}/provision", sale.order);
    let again = sale.app.post(&path, &sale.admin, Value::Null).await.data(202);
    assert_eq!(again["tried_again"], json!(1));
    sale.app.settle().await;
    sale.assert_in().await;
    assert_eq!(sale.app.database.texts(sealed).await, before);
    // Somebody took it away behind hotspot's back.
    let lost = "UPDATE subscribers SET archived_at = created_at, enabled = FALSE, sealed_secret = NULL \
                WHERE marker IS NOT NULL";
    assert_eq!(sale.app.database.execute(lost).await, 1);
    sale.app.run(Task::SyncUsers).await;
    sale.assert_in().await;
    sale.app.end().await;
}

async fn two_workers_make_it_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, owner, order) = buy(&app, "creation").await;
    let mut second = app.second(&[]).await;
    tokio::join!(app.settle(), second.settle());
    let (id, name) = bought(&app, &admin).await;
    let sale = Sale { app, admin, owner, order, id, name };
    sale.assert_in().await;
    let made = "SELECT username FROM subscribers WHERE marker IS NOT NULL";
    assert_eq!(sale.app.database.texts(made).await, [sale.name.to_lowercase()]);
    second.stop().await;
    sale.app.end().await;
}

async fn credentials_move_between_a_router_and_radius(database: TestDatabase) {
    let sale = Sale::one(database).await;
    let password = sale.password().await;
    let routers = sale.app.get("/api/v1/admin/routers", &sale.admin).await.data(200);
    let main = routers.as_array().unwrap().iter().find(|router| router["name"] == json!("main")).unwrap();
    let radius = sale.radius_router().await["id"].clone();
    sale.done("move", json!({"router_id": main["id"]})).await;
    sale.assert_gone().await;
    assert_eq!(sale.app.router_state().users[&sale.name].password, password);
    sale.done("move", json!({"router_id": radius})).await;
    assert!(sale.app.router_state().users.is_empty());
    sale.assert_in().await;
    sale.app.end().await;
}

async fn a_router_does_not_go_with_radius(database: TestDatabase) {
    let sale = Sale::one(database).await;
    let routers = sale.app.get("/api/v1/admin/routers", &sale.admin).await.data(200);
    let main = routers.as_array().unwrap().iter().find(|router| router["name"] == json!("main")).unwrap();
    let mut wrong = package("creation");
    wrong["name"] = json!("Both");
    wrong["router_id"] = main["id"].clone();
    let refused = sale.app.post("/api/v1/admin/user-profiles", &sale.admin, wrong).await;
    assert!(refused.body["errors"]["router_id"].is_array(), "{}", refused.body);
    let radius = sale.radius_router().await["id"].clone();
    for (package, router, status) in [
        ("Campus", &main["id"], 422),
        ("Campus", &radius, 422),
        ("2H", &radius, 422),
        ("Campus", &Value::Null, 201),
    ] {
        let body = json!({
            "user_profile_id": sale.app.package(package).await, "quantity": 1, "router_id": router,
            "site_id": main["site_id"],
        });
        let reply = sale.app.post("/api/v1/orders", &sale.owner, body).await;
        assert_eq!(reply.status.as_u16(), status, "{package}: {}", reply.body);
        assert!(status == 201 || reply.body["errors"]["router_id"].is_array(), "{}", reply.body);
    }
    sale.app.end().await;
}

async fn staff_cannot_touch_what_stands_for_radius(database: TestDatabase) {
    let sale = Sale::one(database).await;
    let path = format!("/api/v1/admin/routers/{}", sale.radius_router().await["id"].as_str().unwrap());
    let described = json!({"name": "mine", "mode": "fake", "host": "demo", "tls": "off"});
    let (put, delete) = (reqwest::Method::PUT, reqwest::Method::DELETE);
    let change = sale.app.send(put, &path, Some(&sale.admin), Some(described)).await;
    assert_eq!(change.code(409), "router_is_radius");
    let retire = sale.app.send(delete, &path, Some(&sale.admin), None).await;
    assert_eq!(retire.code(409), "router_is_radius");
    let choose = sale.app.post(&format!("{path}/default"), &sale.admin, Value::Null).await;
    assert_eq!(choose.code(409), "router_is_radius");
    let another = json!({"name": "mine", "mode": "radius", "host": "demo", "tls": "off"});
    let another = sale.app.post("/api/v1/admin/routers", &sale.admin, another).await;
    assert!(another.body["errors"]["mode"].is_array(), "{}", another.body);
    let block =
        json!({"kind": "domain", "value": "example.com", "router_ids": [sale.radius_router().await["id"]]});
    let block = sale.app.post("/api/v1/admin/blocks", &sale.admin, block).await;
    assert_eq!(block.status.as_u16(), 422, "{}", block.body);
    sale.app.end().await;
}
