//! Nothing is lost and nothing happens twice, wherever the process dies.
//!
//! First a sale runs undisturbed and every place that it comes by is written down: before and after each commit
//! and each call to the gateway, the router and the message channels. Then, for each of these places, the same
//! sale runs with a portal that is killed right there and started again. In the end everything must be as after
//! the undisturbed sale, by the outside world's own records.
//!
//! In the fake world the gateway can be asked what became of a payment. On the wire it cannot, and recognises no
//! repeats, as SerdiPay: whoever is killed before the answer waits for the callback, or for somebody of the staff
//! who sees that the gateway has nothing.

use persistence::testing::TestDatabase;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    crash_suite::{self, Environment},
    process::{Place, Process, wait_until},
};

/// Sales that run side by side.
const AT_ONCE: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_survives_being_killed_anywhere_on_sqlite() {
    survive_everywhere(async || Some(Place::new(TestDatabase::sqlite()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_through_real_adapters_survives_being_killed_anywhere() {
    survive_everywhere(async || Some(Place::on_wire(TestDatabase::sqlite()).await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_survives_being_killed_anywhere_on_postgres() {
    survive_everywhere(async || TestDatabase::postgres().await.map(Place::new)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_by_radius_survives_being_killed_anywhere_on_sqlite() {
    survive_everywhere(async || Some(by_radius(Place::new(TestDatabase::sqlite())).await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_by_radius_survives_being_killed_anywhere_on_postgres() {
    survive_everywhere(async || Some(by_radius(Place::new(TestDatabase::postgres().await?)).await)).await;
}

async fn by_radius(place: Place) -> Place {
    place.sell_by_radius().await;
    place
}

async fn survive_everywhere(world: impl AsyncFn() -> Option<Place>) {
    crash_suite::survive_everywhere((40, AT_ONCE), world, sell).await;
}

/// Runs a sale to its end with a customer who does not give up, and a portal that is started again when it dies.
async fn sell(place: Place, first_start: Environment<'_>) {
    let at = format!("{first_start:?}");
    let mut customer = Customer { place, process: None, token: None, deaths: 0, at };
    customer.process = Some(customer.place.start(first_start).await);
    let order = customer.order_two().await;
    customer.pay(&order).await;
    customer.wait_for_messages(&order).await;
    customer.check(&order).await;
    let crash_wanted = first_start.iter().any(|(name, _)| *name == "CRASH_AT");
    assert_eq!(customer.deaths > 0, crash_wanted, "{} was not reached", customer.at);
}

/// Somebody who buys, and tries again when nobody answers.
struct Customer {
    place: Place,
    process: Option<Process>,
    token: Option<String>,
    deaths: u32,
    at: String,
}

impl Customer {
    /// Sends a request until it is answered, with the same idempotency key each time.
    async fn ask(
        &mut self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<Value>,
    ) -> (u16, Value) {
        let token = self.token().await;
        self.ask_as(&token, method, path, (key, body)).await
    }

    async fn ask_as(
        &mut self,
        token: &str,
        method: Method,
        path: &str,
        (key, body): (Option<&str>, Option<Value>),
    ) -> (u16, Value) {
        loop {
            let answer = self.place.send(method.clone(), path, Some(token), key, body.as_ref()).await;
            match answer {
                Some((status, body)) if status < 500 => return (status, body),
                _ => self.revive().await,
            }
        }
    }

    /// Signs in once: every sign-in is a commit, and the sale must be the same each time.
    async fn token(&mut self) -> String {
        if let Some(token) = &self.token {
            return token.clone();
        }
        let token = self.log_in("user1@demo.test").await;
        self.token.insert(token).clone()
    }

    async fn log_in(&mut self, login: &str) -> String {
        let body = json!({"login": login, "password": "password"});
        loop {
            let answer = self.place.send(Method::POST, "/api/v1/auth/login", None, None, Some(&body)).await;
            match answer {
                Some((200, answer)) => {
                    return answer["data"]["access_token"].as_str().unwrap().to_owned();
                }
                Some((status, answer)) if status < 500 => panic!("{status} {answer}"),
                _ => self.revive().await,
            }
        }
    }

    /// Starts the portal again if it has died.
    async fn revive(&mut self) {
        if self.process.as_mut().is_some_and(|process| process.has_ended().is_none()) {
            return;
        }
        self.deaths += 1;
        assert!(self.deaths < 3, "the portal dies again and again at {}: {}", self.at, self.place.log());
        self.process = Some(self.place.start(&[]).await);
    }

    async fn order_two(&mut self) -> String {
        let (_, packages) = self.ask(Method::GET, "/api/v1/user-profiles", None, None).await;
        let body = json!({"user_profile_id": packages["data"][0]["id"], "quantity": 2});
        let (status, order) = self.ask(Method::POST, "/api/v1/orders", Some("the-order"), Some(body)).await;
        assert_eq!(status, 201, "{order}");
        order["data"]["id"].as_str().unwrap().to_owned()
    }

    /// Pays, and pays again if the payment came to nothing.
    async fn pay(&mut self, order: &str) {
        for attempt in 1.. {
            let body = json!({"phone": "+243825550000", "operator": "MP"});
            let path = format!("/api/v1/payments/{order}/initiate");
            let key = format!("payment-{attempt}");
            let (status, payment) = self.ask(Method::POST, &path, Some(&key), Some(body)).await;
            assert_eq!(status, 202, "{payment}");
            let id = payment["data"]["id"].as_str().unwrap().to_owned();
            let path = format!("/api/v1/payments/{id}");
            let mut outcome = String::new();
            while !matches!(outcome.as_str(), "success" | "failed" | "expired") {
                let (_, payment) = self.ask(Method::GET, &path, None, None).await;
                payment["data"]["status"].as_str().unwrap().clone_into(&mut outcome);
                if outcome == "unknown" && !self.place.gateway_answers_questions() {
                    self.ask_the_staff(&id).await;
                }
                tokio::time::sleep(std::time::Duration::from_millis(30)).await;
            }
            if outcome == "success" {
                return;
            }
            assert!(attempt < 3, "the payment fails again and again at {}: {}", self.at, self.place.log());
        }
    }

    /// Has the staff look into the gateway's books: what is not there was never asked.
    async fn ask_the_staff(&mut self, payment: &str) {
        if !self.place.charges().is_empty() {
            return;
        }
        let admin = self.log_in("admin@demo.test").await;
        let path = format!("/api/v1/admin/payments/{payment}/reject");
        let body = json!({"evidence": "the gateway's books have nothing of it"});
        let (status, rejected) = self.ask_as(&admin, Method::POST, &path, (None, Some(body))).await;
        assert_eq!(status, 200, "{rejected}");
    }

    /// Waits until the order is complete and everything about it has been said.
    async fn wait_for_messages(&mut self, order: &str) {
        let path = format!("/api/v1/orders/{order}");
        for look in 0.. {
            let (_, details) = self.ask(Method::GET, &path, None, None).await;
            let steps = details["data"]["steps"].as_array().unwrap();
            let told = steps.iter().all(|step| !step["done_at"].is_null());
            let (_, inbox) = self.ask(Method::GET, "/api/v1/notifications", None, None).await;
            let all_entries = inbox["data"].as_array().unwrap().len() == 3;
            if details["data"]["status"] == "completed" && told && all_entries {
                return;
            }
            assert!(look < 1000, "the sale stands still at {}: {details:#} {}", self.at, self.place.log());
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        }
    }

    /// That the end is the same as after an undisturbed sale.
    async fn check(&mut self, order: &str) {
        let inside = self.place.look_inside().await;
        let database = &inside.background.database;
        wait_until("the queue is empty", async || {
            // What comes last has no visible effect: it may die there.
            if self.process.as_mut().is_some_and(|process| process.has_ended().is_some()) {
                self.revive().await;
            }
            database.unfinished_jobs(1).await.is_ok_and(|jobs| jobs.is_empty())
        })
        .await;
        let status = self.process.as_mut().unwrap().stop();
        assert!(status.success(), "{}: {}", self.at, self.place.log());

        let at = &self.at;
        let asked = self.place.charges();
        assert_eq!(asked.len(), 1, "{at}: the wallet was asked {asked:?}");
        // One of the two has them all.
        let mut users = self.place.router_users();
        let by_radius = self.place.radius_users().await;
        assert!(users.is_empty() || by_radius.is_empty(), "{at}: {users:?} {by_radius:?}");
        users.extend(by_radius);
        assert_eq!(users.len(), 2, "{at}: {users:?}");
        let texts = self.place.text_messages();
        assert_eq!(texts.len(), 2, "{at}: {texts:?}");
        for name in &users {
            assert_eq!(
                texts.iter().filter(|text| text.text.contains(name.as_str())).count(),
                1,
                "{at}: {name}"
            );
        }
        let ledger = inside.services.billing.verify_ledger().await.unwrap();
        assert!(ledger.is_sound() && ledger.postings == 1, "{at}: {ledger:?}");
        let details =
            inside.services.billing.order(billing::queries::Scope::All, order).await.unwrap().unwrap();
        let settled =
            details.payments.iter().filter(|payment| payment.status == billing::PaymentStatus::Success);
        assert_eq!(settled.count(), 1, "{at}");
    }
}
