//! Processes come and go: told to stop, killed, or sharing the work. The sale goes on.

use std::time::Duration;

use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::process::{Place, wait_until};

on_both_databases!(
    a_portal_that_is_told_to_stop_loses_nothing,
    parts_run_apart_and_a_killed_worker_is_replaced
);

async fn a_portal_that_is_told_to_stop_loses_nothing(database: TestDatabase) {
    let place = Place::new(database);
    let mut first = place.start(&[]).await;
    let customer = Customer::sign_in(&place).await;
    let order = customer.begin_to_pay().await;
    assert!(first.stop().success(), "{}", place.log());
    let mut second = place.start(&[]).await;
    customer.until_complete(&order).await;
    assert!(second.stop().success(), "{}", place.log());
    assert_eq!((place.charges().len(), place.router_users().len(), place.text_messages().len()), (1, 1, 1));
}

async fn parts_run_apart_and_a_killed_worker_is_replaced(database: TestDatabase) {
    let place = Place::new(database);
    let _api = place.start_api(&[]).await;
    let customer = Customer::sign_in(&place).await;
    let orders = [customer.begin_to_pay().await, customer.begin_to_pay().await];
    let mut killed = place.start_worker();
    // Both are charged: a worker that dies between claim and charge leaves a payment that never reached the gateway,
    // which ends as failed. The crash tests kill it there.
    wait_until("both wallets were asked", async || place.charges().len() == orders.len()).await;
    killed.kill();
    let workers = [place.start_worker(), place.start_worker()];
    for order in &orders {
        customer.until_complete(order).await;
    }
    drop(workers);
    assert_eq!(place.router_users().len(), 2);
    assert_eq!(place.text_messages().len(), 2);
    let ledger = place.look_inside().await.services.billing.verify_ledger().await.unwrap();
    assert!(ledger.is_sound() && ledger.postings == 2, "{ledger:?}");
}

/// Somebody who buys.
struct Customer<'a> {
    place: &'a Place,
    token: String,
}

impl<'a> Customer<'a> {
    async fn sign_in(place: &'a Place) -> Self {
        let body = json!({"login": "user1@demo.test", "password": "password"});
        let answer = place.send(Method::POST, "/api/v1/auth/login", None, None, Some(&body)).await;
        let token = answer.unwrap().1["data"]["access_token"].as_str().unwrap().to_owned();
        Self { place, token }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let answer = self.place.send(method, path, Some(&self.token), None, body.as_ref()).await;
        answer.unwrap().1["data"].clone()
    }

    /// Orders one unit, asks for its payment, and gives the order's id.
    async fn begin_to_pay(&self) -> String {
        let packages = self.ask(Method::GET, "/api/v1/user-profiles", None).await;
        let body = json!({"user_profile_id": packages[0]["id"], "quantity": 1});
        let order = self.ask(Method::POST, "/api/v1/orders", Some(body)).await;
        let order = order["id"].as_str().unwrap().to_owned();
        let body = json!({"phone": "+243825550000", "operator": "MP"});
        let path = format!("/api/v1/payments/{order}/initiate");
        let payment = self.ask(Method::POST, &path, Some(body)).await;
        assert!(payment["id"].is_string(), "{payment}");
        order
    }

    /// Waits until the order is complete and its credentials have been sent.
    async fn until_complete(&self, order: &str) {
        wait_until("the order is complete", async || {
            tokio::time::sleep(Duration::from_millis(30)).await;
            let details = self.ask(Method::GET, &format!("/api/v1/orders/{order}"), None).await;
            let steps = details["steps"].as_array().cloned().unwrap_or_default();
            details["status"] == "completed" && steps.iter().all(|step| !step["done_at"].is_null())
        })
        .await;
    }
}
