//! Over the counter nothing is lost and nothing happens twice, wherever the process dies: an agent hands cash over, sells,
//! takes vouchers and prints them, and a guest redeems one, at a portal that is killed at one place each time and started
//! again.

use identity::{Identifiers, PersonName, use_cases::create_user::CreateUser};
use kernel::{EmailAddress, Locale, Origin, Role, id::ids::UserId};
use persistence::testing::TestDatabase;
use portal::startup::DEMO_PASSWORD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    crash_suite::{self, Environment, Persistent},
    process::Place,
};

/// Portals that run side by side.
const AT_ONCE: usize = 4;
pub const ADMIN: Option<&str> = Some("admin@demo.test");
pub const AGENT: Option<&str> = Some("agent@demo.test");

#[tokio::test(flavor = "multi_thread")]
async fn a_day_at_the_counter_survives_being_killed_anywhere_on_sqlite() {
    survive_everywhere(async || Some(TestDatabase::sqlite())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_at_the_counter_survives_being_killed_anywhere_on_postgres() {
    survive_everywhere(TestDatabase::postgres).await;
}

async fn survive_everywhere(database: impl AsyncFn() -> Option<TestDatabase>) {
    crash_suite::survive_everywhere((20, AT_ONCE), database, day).await;
}

async fn day(database: TestDatabase, environment: Environment<'_>) {
    let mut people = Persistent::begin(Place::new(database), environment).await;
    let path = an_agent(&mut people).await;
    let package = package(&mut people).await;
    people.start(environment).await;

    fill_wallet(&mut people, &path, "10.00").await;
    let two = json!({"user_profile_id": package, "quantity": 2});
    people.ask(AGENT, Method::POST, "/api/v1/agent/sales", Some(two.clone())).await;
    let batch = people.ask(AGENT, Method::POST, "/api/v1/agent/vouchers", Some(two)).await;
    let print = format!("/api/v1/agent/vouchers/{}/print", batch["id"].as_str().unwrap());
    // The file may be lost on its way; whoever asks again says why.
    let form = json!({"form": "csv", "reason": "the first may be lost"});
    let file = people.ask_for_text(AGENT, Method::POST, &print, Some(form)).await;
    let code = file.as_str().unwrap().lines().nth(1).unwrap().split(',').nth(1).unwrap().to_owned();
    people.ask(None, Method::POST, "/api/v1/vouchers/redeem", Some(json!({ "code": code }))).await;
    people.until_everything_is_done().await;

    let at = format!("{environment:?}");
    let agent: Value = people.ask(AGENT, Method::GET, "/api/v1/agent", None).await;
    // 10 less 90 % of 3 for what was sold, and of 3 for the vouchers.
    assert_eq!(agent["wallet"][0]["amount"], "4.60", "{at}");
    assert_eq!(agent["totals"][0]["sales"], 2, "{at}");
    let routers = people.inside.adapters.fakes.routers.as_ref().unwrap();
    assert_eq!(routers.router("main").state().unwrap().users.len(), 3, "{at}");
    let report = people.inside.services.billing.verify_ledger().await.unwrap();
    assert!(report.is_sound(), "{at}: {report:?}");
    let sum =
        |name: &str| report.balances.iter().find(|balance| balance.account == name).unwrap().amount.minor();
    assert_eq!((sum("cash"), sum("revenue"), sum("voucher_clearing")), (1_000, -450, -150), "{at}");
    people.end(environment);
}

/// The id of the package `2H`.
pub async fn package(people: &mut Persistent) -> Value {
    let packages = people.ask(None, Method::GET, "/api/v1/user-profiles", None).await;
    packages.as_array().unwrap().iter().find(|package| package["name"] == "2H").unwrap()["id"].clone()
}

/// An agent with a share of 10 % and so much in the wallet.
pub async fn an_agent_with(people: &mut Persistent, cash: &str) {
    let path = an_agent(people).await;
    fill_wallet(people, &path, cash).await;
}

async fn fill_wallet(people: &mut Persistent, path: &str, cash: &str) {
    let amount = json!({"amount": cash, "currency": "CDF"});
    let cash = json!({"kind": "top_up", "amount": amount, "note": "receipt 17"});
    people.ask(ADMIN, Method::POST, &format!("{path}/transfers"), Some(cash)).await;
}

/// Makes an agent with a share of 10 %, and gives the path of what is done with them.
async fn an_agent(people: &mut Persistent) -> String {
    let agent = somebody(people, "agent@demo.test", Role::Agent).await;
    let path = format!("/api/v1/admin/agents/{agent}");
    let terms = json!({"commission_basis_points": 1000});
    people.ask(ADMIN, Method::PUT, &path, Some(terms)).await;
    path
}

/// Makes an account, and gives its id.
pub async fn somebody(people: &Persistent, login: &str, role: Role) -> UserId {
    let command = CreateUser {
        first_name: PersonName::parse("Agent").unwrap(),
        last_name: PersonName::parse("Demo").unwrap(),
        identifiers: Identifiers::new(None, EmailAddress::parse(login).ok(), None).unwrap(),
        promotion_id: None,
        role,
        locale: Locale::En,
        password: DEMO_PASSWORD.into(),
        activate_wifi: false,
    };
    let identity = &people.inside.services.identity;
    identity.create_user(command, &Origin::system("test")).await.unwrap().id
}
