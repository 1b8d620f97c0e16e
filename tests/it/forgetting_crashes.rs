//! Whoever is deleted is forgotten to the end, wherever the portal dies over it.

use billing::{Operator, queries::Scope, use_cases::initiate_payment::InitiatePayment};
use identity::{Identifiers, PersonName, staff::Keeper, use_cases::create_user::CreateUser};
use kernel::{EmailAddress, Id, Locale, Msisdn, Origin, Role, id::ids::UserId};
use persistence::testing::TestDatabase;
use portal::startup::DEMO_PASSWORD;
use reqwest::Method;
use serde_json::json;

use crate::{
    crash_suite::{self, Environment, Persistent},
    forgetting::{PHONE, TRACES, traces_in},
    process::{Place, wait_until},
};

/// Portals that run side by side.
const AT_ONCE: usize = 4;
const EMAIL: &str = "zephyrine@customers.test";

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_survives_being_killed_anywhere_on_sqlite() {
    survive_everywhere(async || Some(TestDatabase::sqlite())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_survives_being_killed_anywhere_on_postgres() {
    survive_everywhere(TestDatabase::postgres).await;
}

async fn survive_everywhere(database: impl AsyncFn() -> Option<TestDatabase>) {
    crash_suite::survive_everywhere((12, AT_ONCE), database, forget).await;
}

async fn forget(database: TestDatabase, environment: Environment<'_>) {
    let mut people = Persistent::begin(Place::new(database), environment).await;
    let user = a_customer(&people).await;
    buy(&mut people, Some(EMAIL)).await;
    buy(&mut people, None).await;
    people.start(environment).await;

    // Not over HTTP: who deletes twice is told that there is nobody.
    let by = Keeper { user_id: Id::generate(&people.inside.ambient), role: Role::Admin };
    let origin = Origin::system("test");
    people.inside.services.identity.delete_user(user, EMAIL, &by, &origin).await.unwrap();
    people.until_everything_is_done().await;
    let body = json!({"phone": PHONE, "reason": "asked for by letter"});
    people.ask(Some("admin@demo.test"), Method::POST, "/api/v1/admin/guests/forget", Some(body)).await;
    people.until_everything_is_done().await;

    let at = format!("{environment:?}");
    assert_eq!(traces_in(people.place.database(), &TRACES).await, Vec::<String>::new(), "{at}");
    let report = people.inside.services.billing.verify_ledger().await.unwrap();
    assert!(report.is_sound(), "{at}: {report:?}");
    people.end(environment);
}

async fn a_customer(people: &Persistent) -> UserId {
    let identifiers =
        Identifiers::new(None, EmailAddress::parse(EMAIL).ok(), Msisdn::parse(PHONE).ok()).unwrap();
    let command = CreateUser {
        first_name: PersonName::parse("Zéphyrine").unwrap(),
        last_name: PersonName::parse("Kabongolo").unwrap(),
        identifiers,
        promotion_id: None,
        role: Role::User,
        locale: Locale::Fr,
        password: DEMO_PASSWORD.into(),
        activate_wifi: false,
    };
    let origin = Origin::system("test");
    people.inside.services.identity.create_user(command, &origin).await.unwrap().id
}

/// Buys one `2H`, as the customer or as a guest with the same phone, and waits for the credentials.
async fn buy(people: &mut Persistent, who: Option<&str>) {
    let told = people.place.text_messages().len();
    let packages = people.ask(None, Method::GET, "/api/v1/user-profiles", None).await;
    let package = packages.as_array().unwrap().iter().find(|package| package["name"] == "2H").unwrap();
    let mut body = json!({"user_profile_id": package["id"], "quantity": 1});
    if who.is_none() {
        body["phone"] = json!(PHONE);
    }
    let order = people.ask(who, Method::POST, "/api/v1/orders", Some(body)).await;
    let command = InitiatePayment {
        scope: Scope::All,
        order_id: order["id"].as_str().unwrap().parse().unwrap(),
        phone: Msisdn::parse(PHONE).unwrap(),
        operator: Operator::Mpesa,
        idempotency: None,
    };
    people.inside.services.billing.initiate_payment(&Origin::system("test"), command).await.unwrap();
    wait_until("the credentials are there", async || people.place.text_messages().len() > told).await;
    people.until_everything_is_done().await;
}
