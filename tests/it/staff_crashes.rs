//! What staff do with a hotspot user ends as they wanted, wherever the process dies on the way: a user is suspended,
//! moved to another router and resumed, by a portal that is killed at one place each time and started again.

use persistence::testing::TestDatabase;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    crash_suite::{self, Environment, Persistent},
    process::Place,
};

/// Portals that run side by side.
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn changes_by_staff_survive_being_killed_anywhere_on_sqlite() {
    survive_everywhere(async || Some(TestDatabase::sqlite())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_by_staff_survive_being_killed_anywhere_on_postgres() {
    survive_everywhere(TestDatabase::postgres).await;
}

async fn survive_everywhere(database: impl AsyncFn() -> Option<TestDatabase>) {
    crash_suite::survive_everywhere((20, AT_ONCE), database, change).await;
}

const ADMIN: Option<&str> = Some("admin@demo.test");

/// Sells one set of credentials in peace, and then changes it with a portal that may die.
async fn change(database: TestDatabase, environment: Environment<'_>) {
    let mut staff = Persistent::begin(Place::new(database), environment).await;
    let user = sold(&mut staff).await;
    let body = json!({"name": "library", "mode": "fake", "host": "demo", "tls": "off"});
    let library = staff.ask(ADMIN, Method::POST, "/api/v1/admin/routers", Some(body)).await["id"].clone();
    staff.start(environment).await;
    for (verb, body) in
        [("suspend", json!({})), ("move", json!({"router_id": library})), ("resume", json!({}))]
    {
        let path = format!("/api/v1/admin/hotspot-users/{user}/{verb}");
        staff.ask(ADMIN, Method::POST, &path, Some(body)).await;
        staff.until_everything_is_done().await;
    }
    let shown = staff.ask(ADMIN, Method::GET, &format!("/api/v1/admin/hotspot-users/{user}"), None).await;
    let at = format!("{environment:?}");
    assert_eq!((&shown["status"], &shown["router_id"]), (&json!("active"), &library), "{at}");
    let routers = staff.inside.adapters.fakes.routers.as_ref().unwrap();
    assert!(routers.router("main").state().unwrap().users.is_empty(), "{at}");
    let there = routers.router("library").state().unwrap();
    let name = shown["username"].as_str().unwrap();
    assert!(there.users.len() == 1 && !there.users[name].disabled, "{at}: {:?}", there.users);
    staff.end(environment);
}

/// One set of credentials is sold, and its id.
async fn sold(staff: &mut Persistent) -> String {
    let packages = staff.ask(ADMIN, Method::GET, "/api/v1/user-profiles", None).await;
    let body = json!({"user_profile_id": packages[0]["id"], "quantity": 1});
    let order = staff.ask(ADMIN, Method::POST, "/api/v1/orders", Some(body)).await;
    let path = format!("/api/v1/payments/{}/initiate", order["id"].as_str().unwrap());
    let body = json!({"phone": "+243825550000", "operator": "MP"});
    staff.ask(ADMIN, Method::POST, &path, Some(body)).await;
    let mut users = Value::Null;
    while users[0]["status"] != "active" {
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        users = staff.ask(ADMIN, Method::GET, "/api/v1/admin/hotspot-users", None).await;
    }
    users[0]["id"].as_str().unwrap().to_owned()
}
