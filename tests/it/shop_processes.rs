//! The shop with two portals on one database, each a process of its own: of all who want the same thing at both at once, one
//! gets it.

use futures_util::future::join_all;
use persistence::testing::TestDatabase;
use reqwest::Method;
use serde_json::{Value, json};

use crate::process::{Place, Process, wait_until};

const PASSWORD: &str = "Sold-At-Both-Counters-1";

#[tokio::test(flavor = "multi_thread")]
async fn of_all_who_want_the_same_at_two_processes_one_gets_it_on_sqlite() {
    one_gets_it(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_all_who_want_the_same_at_two_processes_one_gets_it_on_postgres() {
    let Some(database) = TestDatabase::postgres().await else { return };
    one_gets_it(database).await;
}

/// Two portals, with an admin who is signed in and the package that is sold.
struct Two {
    places: [Place; 2],
    _processes: [Process; 2],
    admin: String,
    package: Value,
}

impl Two {
    async fn start(database: TestDatabase) -> Self {
        let place = Place::new(database);
        let places = [place.next_door(), place];
        let processes = [places[0].start(&[]).await, places[1].start(&[]).await];
        let packages =
            places[0].send(Method::GET, "/api/v1/user-profiles", None, None, None).await.unwrap().1;
        let packages = packages["data"].as_array().unwrap().clone();
        let package = packages.into_iter().find(|package| package["name"] == "2H").unwrap()["id"].clone();
        Self { admin: places[0].admin().await, places, _processes: processes, package }
    }

    /// The answer to a request that is granted.
    async fn ask(&self, method: Method, path: &str, token: Option<&str>, body: Option<Value>) -> Value {
        let answer = self.places[0].send(method, path, token, None, body.as_ref()).await.unwrap();
        assert!(answer.0 < 300, "{path}: {}", answer.1);
        if answer.1.is_string() { answer.1 } else { answer.1["data"].clone() }
    }

    async fn show(&self, path: &str) -> Value {
        self.ask(Method::GET, path, Some(&self.admin), None).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.ask(Method::POST, path, Some(&self.admin), Some(body)).await
    }

    /// How often a request is granted and refused that is sent so often at once, to one and the other in turn.
    async fn at_both(&self, times: usize, path: &str, token: Option<&str>, body: &Value) -> (usize, usize) {
        let all = (0..times)
            .map(|number| self.places[number % 2].send(Method::POST, path, token, None, Some(body)));
        let answers = join_all(all).await.into_iter().map(|answer| answer.unwrap().0);
        let (granted, refused): (Vec<_>, Vec<_>) = answers.partition(|status| *status < 300);
        assert!(refused.iter().all(|status| *status == 409), "{refused:?}");
        (granted.len(), refused.len())
    }

    /// A batch of vouchers, and their codes.
    async fn vouchers(&self, count: usize) -> (String, Vec<String>) {
        let batch = json!({"name": "kiosk", "user_profile_id": self.package, "count": count});
        let batch = self.post("/api/v1/admin/voucher-batches", batch).await;
        let path = format!("/api/v1/admin/voucher-batches/{}", batch["id"].as_str().unwrap());
        let file = self.post(&format!("{path}/print"), json!({"form": "csv"})).await;
        let lines = file.as_str().unwrap().lines().skip(1);
        (path, lines.map(|line| line.split(',').nth(1).unwrap().to_owned()).collect())
    }

    /// An agent whose wallet pays one `2H`: the token of their account, and where staff see them.
    async fn agent(&self) -> (String, String) {
        let account = json!({
            "first_name": "Marie", "last_name": "Ilunga", "email": "agent@demo.test", "role": "agent",
            "password": PASSWORD,
        });
        let account = self.post("/api/v1/admin/users", account).await;
        let path = format!("/api/v1/admin/agents/{}", account["id"].as_str().unwrap());
        let terms = Some(json!({"commission_basis_points": 1000}));
        self.ask(Method::PUT, &path, Some(&self.admin), terms).await;
        let cash = json!({"kind": "top_up", "amount": {"amount": "1.35", "currency": "CDF"}, "note": "once"});
        self.post(&format!("{path}/transfers"), cash).await;
        let login = json!({"login": "agent@demo.test", "password": PASSWORD});
        let signed_in = self.ask(Method::POST, "/api/v1/auth/login", None, Some(login)).await;
        (signed_in["access_token"].as_str().unwrap().to_owned(), path)
    }
}

async fn one_gets_it(database: TestDatabase) {
    let two = Two::start(database).await;
    let one_code = one_redeems_a_code(&two).await;
    a_batch_is_revoked_meanwhile(&two).await;
    let sold = one_sale_is_paid(&two).await;
    one_refund_is_made(&two, &one_code).await;
    one_refund_is_made(&two, &sold).await;
    let report = two.places[0].look_inside().await.services.billing.verify_ledger().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
}

async fn one_redeems_a_code(two: &Two) -> Value {
    let (path, codes) = two.vouchers(1).await;
    let body = json!({"code": codes[0]});
    assert_eq!(two.at_both(100, "/api/v1/vouchers/redeem", None, &body).await, (1, 99));
    let vouchers = two.show(&format!("{path}/vouchers")).await;
    vouchers[0]["order_id"].clone()
}

async fn a_batch_is_revoked_meanwhile(two: &Two) {
    let (path, codes) = two.vouchers(40).await;
    let redeeming = join_all(codes.iter().enumerate().map(async |(number, code)| {
        let (place, body) = (&two.places[number % 2], json!({ "code": code }));
        let path = "/api/v1/vouchers/redeem";
        place.send(Method::POST, path, None, None, Some(&body)).await.unwrap().0
    }));
    let (statuses, revoked) = tokio::join!(redeeming, async {
        while two.show(&path).await["redeemed"].as_u64().unwrap() < 3 {}
        two.post(&format!("{path}/revoke"), Value::Null).await
    });
    let redeemed = statuses.iter().filter(|status| **status == 201).count();
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    assert_eq!(revoked["redeemed"], redeemed);
    assert_eq!(two.show(&path).await["redeemed"], redeemed);
}

async fn one_sale_is_paid(two: &Two) -> Value {
    let (token, path) = two.agent().await;
    let sale = json!({"user_profile_id": two.package, "quantity": 1});
    assert_eq!(two.at_both(8, "/api/v1/agent/sales", Some(&token), &sale).await, (1, 7));
    assert_eq!(two.show(&path).await["wallet"][0]["amount"], "0.00");
    two.ask(Method::GET, "/api/v1/agent/sales", Some(&token), None).await[0]["id"].clone()
}

/// Once the credentials are there, so that they are to be taken back.
async fn one_refund_is_made(two: &Two, order: &Value) {
    let path = format!("/api/v1/admin/orders/{}", order.as_str().unwrap());
    wait_until("the order is delivered", async || two.show(&path).await["status"] == "completed").await;
    let payment = two.show(&path).await["payments"][0]["id"].as_str().unwrap().to_owned();
    let refunds = format!("/api/v1/admin/payments/{payment}/refunds");
    let whole = json!({"reason": "the router is down", "way": "cash"});
    assert_eq!(two.at_both(8, &refunds, Some(&two.admin), &whole).await, (1, 7));
    let refunded = two.show(&format!("/api/v1/admin/payments/{payment}")).await;
    assert_eq!(refunded["refunded"], refunded["amount"]);
}
