//! What staff do with hotspot users: the answer says at once what is to be, and the routers follow, in whatever order
//! the work is done.

use chrono::{DateTime, Duration, Utc};
use kernel::Clock as _;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use serde_json::{Value, json};

use crate::app::{Reply, TestApp};

on_both_databases!(
    a_suspended_user_is_off_until_it_is_resumed,
    changes_while_the_router_is_away_end_as_the_last_one,
    a_revoked_user_is_gone_for_good,
    a_user_that_was_on_its_way_is_revoked_and_its_order_ends,
    an_expired_user_comes_back_with_its_credentials,
    more_time_is_later_or_it_is_refused,
    a_user_moves_with_its_credentials_while_the_old_router_is_away,
);

struct Sold {
    app: TestApp,
    admin: String,
    owner: String,
    order: String,
    id: String,
    name: String,
}

impl Sold {
    /// A portal that has sold one set of credentials.
    async fn one(database: TestDatabase) -> Self {
        let app = TestApp::start(database).await;
        let (admin, owner) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
        let order = app.order(&owner, "2H", 1).await;
        app.pay(&owner, &order, "0000").await;
        app.settle().await;
        app.pass_a_second().await;
        let user = app.get("/api/v1/admin/hotspot-users", &admin).await.data(200)[0].clone();
        let text = |field: &str| user[field].as_str().unwrap().to_owned();
        let (id, name) = (text("id"), text("username"));
        Self { app, admin, owner, order, id, name }
    }

    async fn ask(&self, verb: &str, body: Value) -> Reply {
        let path = format!("/api/v1/admin/hotspot-users/{}/{verb}", self.id);
        // A session of its own: time passes between two questions.
        let admin = self.app.log_in("admin@demo.test").await;
        self.app.post(&path, &admin, body).await
    }

    /// Does it, and does it again, which changes nothing more.
    async fn twice(&self, verb: &str, body: Value) -> Value {
        let first = self.ask(verb, body.clone()).await.data(202);
        assert_eq!(self.ask(verb, body).await.data(202), first);
        first
    }

    fn sign_in(&self) {
        let address = "10.5.50.2".parse().unwrap();
        self.app.router().open_session(&self.name, "02:00:00:00:00:01", address).unwrap();
    }

    async fn password(&self) -> Value {
        let path = format!("/api/v1/hotspot-users/{}/credentials", self.id);
        self.app.get(&path, &self.owner).await.data(200)["password"].clone()
    }

    /// What staff did, by the audit log.
    async fn trail(&self) -> Vec<String> {
        let path = "/api/v1/admin/audit-log?per_page=100";
        let lines = self.app.get(path, &self.admin).await.data(200);
        let of_staff = |line: &&Value| line["resource"] == format!("hotspot_user:{}", self.id);
        let actions = lines.as_array().unwrap().iter().filter(of_staff);
        actions.rev().map(|line| line["action"].as_str().unwrap().to_owned()).collect()
    }
}

fn end(user: &Value) -> DateTime<Utc> {
    user["expired_at"].as_str().unwrap().parse().unwrap()
}

async fn a_suspended_user_is_off_until_it_is_resumed(database: TestDatabase) {
    let sold = Sold::one(database).await;
    sold.sign_in();
    let user = sold.twice("suspend", json!({"reason": "shares the password"})).await;
    assert_eq!(user["status"], "suspended");
    sold.app.settle().await;
    let router = sold.app.router_state();
    assert!(router.users[&sold.name].disabled && router.sessions.is_empty());
    assert_eq!(sold.twice("resume", json!({})).await["status"], "active");
    sold.app.settle().await;
    assert!(!sold.app.router_state().users[&sold.name].disabled);
    assert_eq!(sold.trail().await, ["suspend", "resume"]);

    sold.ask("suspend", json!({})).await.data(202);
    sold.app.pass(Duration::hours(2)).await;
    sold.app.run(Task::ExpireUsers).await;
    assert!(sold.app.router_state().users.is_empty(), "its time ran on");
    assert_eq!(sold.ask("suspend", json!({})).await.code(409), "hotspot_user_state");
    sold.app.end().await;
}

async fn changes_while_the_router_is_away_end_as_the_last_one(database: TestDatabase) {
    let sold = Sold::one(database).await;
    sold.app.router().change(|router| router.down = true).unwrap();
    for verb in ["suspend", "resume", "suspend", "resume", "suspend"] {
        sold.ask(verb, json!({})).await.data(202);
        sold.app.settle().await;
    }
    sold.app.router().change(|router| router.down = false).unwrap();
    sold.app.pass(Duration::minutes(10)).await;
    assert!(sold.app.router_state().users[&sold.name].disabled);
    for verb in ["resume", "suspend", "resume"] {
        sold.ask(verb, json!({})).await.data(202);
    }
    sold.app.settle().await;
    assert!(!sold.app.router_state().users[&sold.name].disabled);
    sold.app.end().await;
}

async fn a_revoked_user_is_gone_for_good(database: TestDatabase) {
    let sold = Sold::one(database).await;
    sold.sign_in();
    assert_eq!(sold.twice("revoke", json!({"reason": "fraud"})).await["status"], "revoked");
    sold.app.settle().await;
    let router = sold.app.router_state();
    assert!(router.users.is_empty() && router.sessions.is_empty());
    for (verb, body) in [
        ("suspend", json!({})),
        ("resume", json!({})),
        ("extend", json!({"minutes": 60})),
        ("move", json!({"router_id": sold.id})),
    ] {
        assert_eq!(sold.ask(verb, body).await.code(409), "hotspot_user_state", "{verb}");
    }
    assert_eq!(sold.app.order_status(&sold.owner, &sold.order).await, "completed");
    sold.app.end().await;
}

async fn a_user_that_was_on_its_way_is_revoked_and_its_order_ends(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (admin, owner) = (app.log_in("admin@demo.test").await, app.log_in("user1@demo.test").await);
    app.router().change(|router| router.down = true).unwrap();
    let order = app.order(&owner, "2H", 1).await;
    app.pay(&owner, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    let user = app.get("/api/v1/admin/hotspot-users", &admin).await.data(200)[0].clone();
    assert_eq!(user["status"], "pending");
    let path = format!("/api/v1/admin/hotspot-users/{}/revoke", user["id"].as_str().unwrap());
    app.post(&path, &admin, json!({})).await.data(202);
    app.router().change(|router| router.down = false).unwrap();
    app.pass(Duration::minutes(10)).await;
    assert!(app.router_state().users.is_empty() && app.text_messages().is_empty());
    assert_eq!(app.order_status(&owner, &order).await, "failed");
    app.end().await;
}

async fn an_expired_user_comes_back_with_its_credentials(database: TestDatabase) {
    let sold = Sold::one(database).await;
    let password = sold.password().await;
    sold.app.pass(Duration::hours(3)).await;
    sold.app.run(Task::ExpireUsers).await;
    assert!(sold.app.router_state().users.is_empty());
    let user = sold.ask("extend", json!({"minutes": 30, "reason": "the router was away"})).await.data(202);
    assert_eq!(user["status"], "active");
    assert_eq!(end(&user), sold.app.around.clock.now() + Duration::minutes(30));
    sold.app.settle().await;
    assert_eq!(sold.app.router_state().users[&sold.name].password, password);
    assert_eq!(sold.app.text_messages().len(), 1, "nobody is sent the credentials again");

    sold.app.pass(Duration::minutes(30)).await;
    sold.app.run(Task::ExpireUsers).await;
    assert!(sold.app.router_state().users.is_empty());
    sold.app.end().await;
}

async fn more_time_is_later_or_it_is_refused(database: TestDatabase) {
    let sold = Sold::one(database).await;
    let present = end(&sold.app.get("/api/v1/admin/hotspot-users", &sold.admin).await.data(200)[0]);
    let until = |moment: DateTime<Utc>| json!({"until": moment});
    let later = sold.twice("extend", until(present + Duration::hours(1))).await;
    assert_eq!(end(&later), present + Duration::hours(1));
    let more = sold.ask("extend", json!({"minutes": 60})).await.data(202);
    assert_eq!(end(&more), present + Duration::hours(2));
    for (body, field) in [
        (until(present), "until"),
        (until(present + Duration::days(3000)), "until"),
        (json!({}), "minutes"),
        (json!({"minutes": 0}), "minutes"),
        (json!({"minutes": 1, "until": present}), "until"),
    ] {
        let reply = sold.ask("extend", body.clone()).await;
        assert!(reply.body["errors"][field].is_array(), "{body}: {}", reply.body);
    }
    assert_eq!(sold.trail().await, ["extend", "extend"]);
    sold.app.end().await;
}

async fn a_user_moves_with_its_credentials_while_the_old_router_is_away(database: TestDatabase) {
    let sold = Sold::one(database).await;
    let app = &sold.app;
    sold.sign_in();
    let password = sold.password().await;
    let body = json!({"name": "library", "mode": "fake", "host": "demo", "tls": "off"});
    let library = app.post("/api/v1/admin/routers", &sold.admin, body).await.data(201)["id"].clone();
    app.router().change(|router| router.down = true).unwrap();
    let user = sold.twice("move", json!({"router_id": library})).await;
    assert_eq!((&user["router_id"], &user["router"]), (&library, &json!("library")));
    let main = app.get("/api/v1/admin/routers", &sold.admin).await.data(200);
    let main = main.as_array().unwrap().iter().find(|router| router["name"] == json!("main")).unwrap();
    for (router, users) in [(&library, 1), (&main["id"], 0)] {
        let path = format!("/api/v1/admin/hotspot-users?router_id={}", router.as_str().unwrap());
        assert_eq!(app.get(&path, &sold.admin).await.data(200).as_array().unwrap().len(), users);
    }
    app.settle().await;
    let fake = app.composition.adapters.fakes.routers.as_ref().unwrap().router("library");
    assert_eq!(fake.state().unwrap().users[&sold.name].password, password);
    assert_eq!(app.router_state().users.len(), 1, "it could not be told");

    app.router().change(|router| router.down = false).unwrap();
    app.pass(Duration::minutes(10)).await;
    let left = app.router_state();
    assert!(left.users.is_empty() && left.sessions.is_empty());
    assert_eq!(sold.trail().await, ["move"]);
    let wrong = sold.ask("move", json!({"router_id": sold.id})).await;
    assert!(wrong.body["errors"]["router_id"].is_array(), "{}", wrong.body);
    sold.app.end().await;
}
