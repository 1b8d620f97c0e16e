//! A guest is online while the wallet asks, and has what was bought afterwards, wherever the process dies: nobody keeps the
//! grace, nobody is told of it, and the order is delivered once.

use persistence::testing::TestDatabase;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    crash_suite::{self, Environment, Persistent},
    process::Place,
};

/// Portals that run side by side.
const AT_ONCE: usize = 4;
const ADMIN: Option<&str> = Some("admin@demo.test");

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_grace_survives_being_killed_anywhere_on_sqlite() {
    survive_everywhere(async || Some(TestDatabase::sqlite())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_grace_survives_being_killed_anywhere_on_postgres() {
    survive_everywhere(TestDatabase::postgres).await;
}

async fn survive_everywhere(database: impl AsyncFn() -> Option<TestDatabase>) {
    crash_suite::survive_everywhere((30, AT_ONCE), database, buy).await;
}

async fn buy(database: TestDatabase, environment: Environment<'_>) {
    // The gateway says nothing of the payment: it is for the staff to end the wait, when it suits the test.
    let place = Place::new(database).with("FAKE_GATEWAY_STATUS_QUERY", "false");
    let mut people = Persistent::begin(place, environment).await;
    let sites = people.ask(ADMIN, Method::GET, "/api/v1/admin/sites", None).await;
    let path = format!("/api/v1/admin/sites/{}/payment-grace", sites[0]["id"].as_str().unwrap());
    people.ask(ADMIN, Method::PUT, &path, Some(json!({"enabled": true}))).await;
    let packages = people.ask(None, Method::GET, "/api/v1/user-profiles", None).await;
    people.start(environment).await;

    let body = json!({"user_profile_id": packages[0]["id"], "quantity": 1, "phone": "+243990000001"});
    let placed = people.ask(None, Method::POST, "/api/v1/orders", Some(body)).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (order, token) = (text(&placed["id"]), text(&placed["order_token"]));
    let path = format!("/api/v1/payments/{order}/initiate");
    let body = json!({"phone": "+243825550015", "operator": "MP"});
    let payment = text(&people.ask_as_guest(&token, Method::POST, &path, Some(body)).await["id"]);
    people.until_everything_is_done().await;

    let at = format!("{environment:?}");
    let path = format!("/api/v1/orders/{order}");
    let waiting = people.ask_as_guest(&token, Method::GET, &path, None).await;
    let grace = text(&waiting["grace"]["username"]);
    let users = people.place.router_users();
    assert!(users.len() == 1 && users.contains(&grace), "{at}: {users:?}");

    let confirm = format!("/api/v1/admin/payments/{payment}/confirm");
    let evidence = json!({"evidence": "it is on the statement"});
    // A second time it would be refused: whoever had no answer looks first.
    let payment = format!("/api/v1/payments/{payment}");
    while people.ask_as_guest(&token, Method::GET, &payment, None).await["status"] == "unknown" {
        people.ask_once(ADMIN, Method::POST, &confirm, Some(&evidence)).await;
    }
    people.until_everything_is_done().await;
    let paid = people.ask_as_guest(&token, Method::GET, &path, None).await;
    assert_eq!((&paid["status"], &paid["grace"]), (&json!("completed"), &Value::Null), "{at}");
    let users = people.place.router_users();
    let texts = people.place.text_messages();
    assert_eq!((users.len(), texts.len(), users.contains(&grace)), (1, 1, false), "{at}: {texts:?}");
    assert!(users.iter().all(|name| texts[0].text.contains(name.as_str())), "{at}: {texts:?}");
    people.end(environment);
}
