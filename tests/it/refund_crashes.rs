//! Money goes back once, wherever the process dies: an admin has a gateway pay a customer back, and an agent's sale go back
//! into the wallet; and staff approve, pay in cash, reject, and give credit, at a portal that is killed at one place each time
//! and started again.

use kernel::Role;
use persistence::testing::TestDatabase;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    crash_suite::{self, Environment, Persistent},
    process::Place,
    shop_crashes::{ADMIN, AGENT, an_agent_with, package, somebody},
};

const SECOND: &str = "second@demo.test";
const CUSTOMER: Option<&str> = Some("user1@demo.test");

/// Portals that run side by side.
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn refunds_survive_being_killed_anywhere_on_sqlite() {
    crash_suite::survive_everywhere((12, AT_ONCE), async || Some(TestDatabase::sqlite()), money_goes_back)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_survive_being_killed_anywhere_on_postgres() {
    crash_suite::survive_everywhere((12, AT_ONCE), TestDatabase::postgres, money_goes_back).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_staff_say_of_refunds_survives_being_killed_anywhere_on_sqlite() {
    crash_suite::survive_everywhere(
        (16, AT_ONCE),
        async || Some(TestDatabase::sqlite()),
        staff_have_their_say,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_staff_say_of_refunds_survives_being_killed_anywhere_on_postgres() {
    crash_suite::survive_everywhere((16, AT_ONCE), TestDatabase::postgres, staff_have_their_say).await;
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
    let fakes = &people.inside.adapters.fakes;
    let paid_back = fakes.gateway.as_ref().unwrap().paid_back().unwrap().len();
    assert!(paid_back <= 1, "{at}");
    assert_eq!(moves(&mut people, "agent_wallet").await, ["approved", "success"], "{at}");
    let went = moves(&mut people, "gateway").await;
    assert_eq!(
        went,
        expected(environment, went.contains(&"submission_interrupted".into()), paid_back),
        "{at}"
    );
    let agent = people.ask(AGENT, Method::GET, "/api/v1/agent", None).await;
    assert_eq!(agent["wallet"][0]["amount"], "10.00", "{at}");
    let routers = people.inside.adapters.fakes.routers.as_ref().unwrap();
    assert_eq!(routers.router("main").state().unwrap().users.len(), 0, "{at}");
    let report = people.inside.services.billing.verify_ledger().await.unwrap();
    assert!(report.is_sound(), "{at}: {report:?}");
    let sum =
        |name: &str| report.balances.iter().find(|balance| balance.account == name).unwrap().amount.minor();
    // Money that has not gone back is a task.
    let tasks = people.inside.services.billing.open_tasks(9).await.unwrap();
    assert_eq!(tasks.len(), 1 - paid_back, "{at}: {tasks:?}");
    let back = 300 * i64::try_from(paid_back).unwrap();
    assert_eq!((sum("gateway_clearing"), sum("refunds_owed")), (300 - back, 0), "{at}");
    assert_eq!((sum("revenue"), sum("refunds")), (-600, 300 + back), "{at}");
    people.end(environment);
}

/// Where the only refund of a way has been: each status, but of a doubt its reason.
async fn moves(people: &mut Persistent, way: &str) -> Vec<String> {
    let refunds = people.ask(ADMIN, Method::GET, "/api/v1/admin/refunds", None).await;
    let of_way: Vec<_> = refunds.as_array().unwrap().iter().filter(|refund| refund["way"] == way).collect();
    let [refund] = of_way.try_into().unwrap();
    let path = format!("/api/v1/admin/refunds/{}", refund["id"].as_str().unwrap());
    let shown = people.ask(ADMIN, Method::GET, &path, None).await;
    let word = |step: &Value| {
        let name = if step["to"] == "unknown" { "reason" } else { "to" };
        step[name].as_str().unwrap().to_owned()
    };
    shown["moves"].as_array().unwrap().iter().map(word).collect()
}

/// Where a refund through the gateway has to have been. Only a death between the claim and the answer leaves a doubt, and it
/// is the gateway's books that end it: nothing is sent twice, and nothing fails that was sent.
fn expected(environment: Environment<'_>, interrupted: bool, paid_back: usize) -> Vec<&'static str> {
    let place = environment.iter().find(|(name, _)| *name == "CRASH_AT").map_or("", |(_, place)| place);
    match (interrupted, paid_back) {
        (false, _) => {
            assert!(!place.starts_with("gateway.refund:"), "{place}");
            assert_eq!(paid_back, 1, "{place}");
            vec!["approved", "submitting", "pending", "success"]
        }
        // It never got there. A commit may be anybody's: another request may be what dies.
        (true, 0) => {
            assert_ne!(place, "gateway.refund:after:1");
            vec!["approved", "submitting", "submission_interrupted", "failed"]
        }
        // It got there, and the answer was never written down.
        (true, _) => {
            assert_ne!(place, "gateway.refund:before:1");
            vec!["approved", "submitting", "submission_interrupted", "success"]
        }
    }
}

/// Up to 50,000 francs of a payment one person gives back alone: a part of a dear one is paid in cash so, and for the rest a
/// second person is needed, who approves it; then it is rejected, and becomes credit instead.
async fn staff_have_their_say(database: TestDatabase, environment: Environment<'_>) {
    let mut people = Persistent::begin(Place::new(database), environment).await;
    let (order, payment) = a_dear_sale(&mut people).await;
    somebody(&people, SECOND, Role::Admin).await;
    people.start(environment).await;

    let path = format!("/api/v1/admin/payments/{payment}/refunds");
    let part =
        json!({"reason": "a bad day", "way": "cash", "amount": {"amount": "10000.00", "currency": "CDF"}});
    let part = people.ask(ADMIN, Method::POST, &path, Some(part)).await;
    say(&mut people, "admin@demo.test", &part, "confirm").await;
    for way in ["cash", "credit"] {
        let rest = json!({"reason": "the router was down", "way": way});
        let rest = people.ask(ADMIN, Method::POST, &path, Some(rest)).await;
        say(&mut people, SECOND, &rest, "approve").await;
        if way == "cash" {
            say(&mut people, "admin@demo.test", &rest, "reject").await;
        }
    }
    people.until_everything_is_done().await;

    let at = format!("{environment:?}");
    let refunds = people.ask(ADMIN, Method::GET, "/api/v1/admin/refunds", None).await;
    let mut ends: Vec<_> =
        refunds.as_array().unwrap().iter().map(|refund| refund["status"].clone()).collect();
    ends.sort_by_key(Value::to_string);
    assert_eq!(ends, ["failed", "success", "success"], "{at}");
    let shown = people.ask(CUSTOMER, Method::GET, &format!("/api/v1/orders/{order}"), None).await;
    assert_eq!(shown["status"], "refunded", "{at}");
    let credit = people.ask(CUSTOMER, Method::GET, "/api/v1/me/credit", None).await;
    assert_eq!(credit, json!([{"amount": "50000.00", "currency": "CDF"}]), "{at}");
    let inside = &people.inside;
    assert!(inside.adapters.fakes.gateway.as_ref().unwrap().paid_back().unwrap().is_empty(), "{at}");
    let router = inside.adapters.fakes.routers.as_ref().unwrap().router("main");
    assert_eq!(router.state().unwrap().users.len(), 0, "{at}");
    let told =
        people.place.text_messages().iter().filter(|message| message.text.contains("rembours")).count();
    assert_eq!(told, 2, "{at}");
    let report = inside.services.billing.verify_ledger().await.unwrap();
    assert!(report.is_sound(), "{at}: {report:?}");
    let sum =
        |name: &str| report.balances.iter().find(|balance| balance.account == name).unwrap().amount.minor();
    assert_eq!((sum("cash"), sum("customer_credit")), (-1_000_000, -5_000_000), "{at}");
    assert_eq!((sum("refunds"), sum("refunds_owed")), (6_000_000, 0), "{at}");
    let tasks = inside.services.billing.open_tasks(9).await.unwrap();
    assert!(tasks.is_empty(), "{at}: {tasks:?}");
    people.end(environment);
}

async fn say(people: &mut Persistent, who: &str, refund: &Value, word: &str) {
    let path = format!("/api/v1/admin/refunds/{}/{word}", refund["id"].as_str().unwrap());
    let body = (word != "approve").then(|| json!({"evidence": "receipt 117"}));
    people.have_done(who, &path, body, "refund_not_waiting").await;
}

/// A sale for 60,000 francs to a customer, made: order and payment.
async fn a_dear_sale(people: &mut Persistent) -> (String, String) {
    let like = package(people).await;
    let path = format!("/api/v1/admin/user-profiles/{}", like.as_str().unwrap());
    let like = people.ask(ADMIN, Method::GET, &path, None).await;
    let dear = json!({
        "name": "YEAR", "price": {"amount": "60000.00", "currency": "CDF"}, "validity_minutes": 120,
        "validity_start": "creation", "policy": like["policy"], "target": "router",
    });
    let package = people.ask(ADMIN, Method::POST, "/api/v1/admin/user-profiles", Some(dear)).await;
    let one = json!({"user_profile_id": package["id"], "quantity": 1});
    let order = people.ask(CUSTOMER, Method::POST, "/api/v1/orders", Some(one)).await;
    let order = order["id"].as_str().unwrap().to_owned();
    let phone = json!({"phone": "+243825550000", "operator": "MP"});
    let pay = format!("/api/v1/payments/{order}/initiate");
    let payment = people.ask(CUSTOMER, Method::POST, &pay, Some(phone)).await;
    people.until_completed(CUSTOMER, &order).await;
    (order, payment["id"].as_str().unwrap().to_owned())
}
