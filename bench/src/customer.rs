//! Somebody who buys over HTTP, one order after the other.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use chrono::{DateTime, FixedOffset};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// The pause between two looks at an order.
pub(crate) const LOOK: Duration = Duration::from_millis(100);
/// The longest that a sale may take before the benchmark gives up: much longer than it ever does.
const PATIENCE: Duration = Duration::from_secs(120);
/// The demonstration's accounts that buy, and the password of each.
const ACCOUNTS: usize = 5;
const PASSWORD: &str = "password";

/// A customer who has signed in.
pub(crate) struct Customer {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    /// The first package on sale.
    pub(crate) package: String,
}

impl Customer {
    /// Signs in with one of the demonstration's accounts, over a connection of its own, and finds the first package
    /// on sale.
    pub(crate) async fn sign_in(base: String, number: usize) -> Result<Self> {
        Self::sign_in_as(base, &format!("user{}", number % ACCOUNTS + 1)).await
    }

    /// Signs in as the demonstration's administrator.
    pub(crate) async fn sign_in_as_admin(base: String) -> Result<Self> {
        Self::sign_in_as(base, "admin").await
    }

    /// Somebody who does not sign in.
    pub(crate) fn as_guest(base: String) -> Result<Self> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { http, base, token: None, package: String::new() })
    }

    async fn sign_in_as(base: String, account: &str) -> Result<Self> {
        let mut customer = Self::as_guest(base)?;
        let credentials = json!({ "login": format!("{account}@demo.test"), "password": PASSWORD });
        let session = customer.ask(Method::POST, "/api/v1/auth/login", Some(&credentials)).await?;
        customer.token = Some(text(&session, "/access_token")?.to_owned());
        let packages = customer.ask(Method::GET, "/api/v1/user-profiles", None).await?;
        customer.package = text(&packages, "/0/id")?.to_owned();
        Ok(customer)
    }

    /// How many items a list has.
    pub(crate) async fn count(&self, path: &str) -> Result<u64> {
        let answer = self.answer(Method::GET, &format!("{path}?per_page=1"), None).await?;
        let total = answer.pointer("/meta/pagination/total").and_then(Value::as_u64);
        total.with_context(|| format!("{path} has no total: {answer}"))
    }

    /// Orders some units, has a phone of its own asked to pay, and waits until the order is complete and its
    /// credentials have been sent. Says how long that took from the payment's success, by the portal's clock.
    pub(crate) async fn buy(&self, number: u32, units: u32) -> Result<Duration> {
        let order = json!({ "user_profile_id": self.package, "quantity": units });
        let order = self.ask(Method::POST, "/api/v1/orders", Some(&order)).await?;
        let order = text(&order, "/id")?;
        // The zeros at the end have the fake gateway let the payment succeed.
        let phone = json!({ "phone": format!("+2438{number:04}0000"), "operator": "MP" });
        self.ask(Method::POST, &format!("/api/v1/payments/{order}/initiate"), Some(&phone)).await?;
        let (path, started) = (format!("/api/v1/orders/{order}"), Instant::now());
        loop {
            tokio::time::sleep(LOOK).await;
            let order = self.ask(Method::GET, &path, None).await?;
            match text(&order, "/status")? {
                "completed" if all_sent(&order) => return from_success_to_credentials(&order),
                "pending" | "paid" | "processing" | "completed" => {}
                end => bail!("an order came to be {end}: {order}"),
            }
            ensure!(started.elapsed() < PATIENCE, "an order stands still: {order}");
        }
    }

    /// Sends a request and gives the data of its answer.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        Ok(self.answer(method, path, body).await?["data"].take())
    }

    /// Sends a request and gives the file that it is answered with.
    pub(crate) async fn file(&self, path: &str, body: &Value) -> Result<Vec<u8>> {
        let mut request = self.http.post(format!("{}{path}", self.base)).json(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await?.error_for_status()?;
        Ok(response.bytes().await?.to_vec())
    }

    /// Sends a request and gives its answer.
    async fn answer(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let status = response.status();
        let answer: Value = response.json().await.context("an answer without JSON")?;
        let expected = [StatusCode::OK, StatusCode::CREATED, StatusCode::ACCEPTED];
        ensure!(expected.contains(&status), "{path} is answered with {status}: {answer}");
        Ok(answer)
    }
}

fn all_sent(order: &Value) -> bool {
    let units = order["units"].as_array();
    units.is_some_and(|units| units.iter().all(|unit| unit["credentials_sent_at"].is_string()))
}

fn from_success_to_credentials(order: &Value) -> Result<Duration> {
    let success = moment(order, "/payments/0/settled_at")?;
    let units = order["units"].as_array().context("an order without units")?;
    let sent: Result<Vec<_>> = units.iter().map(|unit| moment(unit, "/credentials_sent_at")).collect();
    let last = sent?.into_iter().max().context("an order without units")?;
    (last - success).to_std().with_context(|| format!("credentials left before the payment: {order}"))
}

fn moment(value: &Value, pointer: &str) -> Result<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text(value, pointer)?).with_context(|| format!("{pointer} is not a moment"))
}

/// A text within an answer.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.with_context(|| format!("{pointer} is missing in {value}"))
}
