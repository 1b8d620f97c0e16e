//! Money goes back once, wherever the process dies: an admin has a gateway pay a customer back, and an agent's sale go back
//! into the wallet, at a portal that is killed at one place each time and started again.

use persistence::testing::TestDatabase;
use reqwest::Method;
use serde_json::json;

use crate::{
    crash_suite::{self, Environment, Persistent},
    process::Place,
    shop_crashes::{ADMIN, AGENT, an_agent_with, package},
};

const CUSTOMER: Option<&str> = Some("user1@demo.test");

/// Portals that run side by side.
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn refunds_survive_being_killed_anywhere_on_sqlite() {
    survive_everywhere(async || Some(TestDatabase::sqlite())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_survive_being_killed_anywhere_on_postgres() {
    survive_everywhere(TestDatabase::postgres).await;
}

async fn survive_everywhere(database: impl AsyncFn() -> Option<TestDatabase>) {
    crash_suite::survive_everywhere((12, AT_ONCE), database, money_goes_back).await;
}

async fn money_goes_back(database: TestDatabase, environment: Environment<'_>) {
    let mut people = Persistent::begin(Place::new(database), environment).await;
    let package = package(&mut people).await;
    an_agent_with(&mut people, "10.00").await;
    let two = json!({"user_profile_id": package, "quantity": 2});
    let order = people.ask(CUSTOMER, Method::POST, "/api/v1/orders", Some(two.clone())).await;
    let pay = format!("/api/v1/payments/{}/initiate", order["id"].as_str().unwrap());
    let phone = json!({"phone": "+243825550000", "operator": "MP"});
    let payment = people.ask(CUSTOMER, Method::POST, &pay, Some(phone)).await;
    let sold = people.ask(AGENT, Method::POST, "/api/v1/agent/sales", Some(two)).await;
    people.until_completed(CUSTOMER, order["id"].as_str().unwrap()).await;
    let show = format!("/api/v1/admin/orders/{}", sold["id"].as_str().unwrap());
    let sold = people.ask(ADMIN, Method::GET, &show, None).await;
    people.start(environment).await;

    for payment in [&payment["id"], &sold["payments"][0]["id"]] {
        let path = format!("/api/v1/admin/payments/{}/refunds", payment.as_str().unwrap());
        let why = json!({"reason": "the router was down"});
        people.ask(ADMIN, Method::POST, &path, Some(why)).await;
    }
    people.until_everything_is_done().await;

    let at = format!("{environment:?}");
    let refunds = people.ask(ADMIN, Method::GET, "/api/v1/admin/refunds", None).await;
    let status = |way: &str| {
        refunds.as_array().unwrap().iter().find(|refund| refund["way"] == way).unwrap()["status"].clone()
    };
    assert_eq!(status("agent_wallet"), "success", "{at}");
    let fakes = &people.inside.adapters.fakes;
    let paid_back = fakes.gateway.as_ref().unwrap().paid_back().unwrap().len();
    // Where the gateway has not heard of it, it has come to nothing, and a person is called: it is never asked twice.
    let expected = if paid_back == 1 { "success" } else { "failed" };
    assert_eq!(status("gateway"), expected, "{at}");
    assert!(paid_back == 1 || environment.iter().any(|(name, _)| *name == "CRASH_AT"), "{at}");
    let agent = people.ask(AGENT, Method::GET, "/api/v1/agent", None).await;
    assert_eq!(agent["wallet"][0]["amount"], "10.00", "{at}");
    let routers = people.inside.adapters.fakes.routers.as_ref().unwrap();
    assert_eq!(routers.router("main").state().unwrap().users.len(), 0, "{at}");
    let report = people.inside.services.billing.verify_ledger().await.unwrap();
    assert!(report.is_sound(), "{at}: {report:?}");
    let sum =
        |name: &str| report.balances.iter().find(|balance| balance.account == name).unwrap().amount.minor();
    let back = 300 * i64::try_from(paid_back).unwrap();
    assert_eq!((sum("gateway_clearing"), sum("refunds_owed")), (300 - back, 0), "{at}");
    assert_eq!((sum("revenue"), sum("refunds")), (-600, 300 + back), "{at}");
    people.end(environment);
}
