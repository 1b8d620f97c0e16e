//! A portal for one test: its own database, its own outside world, its clock in the test's hand. Background work is
//! done when the test says so ([`TestApp::settle`]), never by itself.

use std::{collections::BTreeMap, sync::Arc};

use billing::adapters::fake::{FakeGateway, world::Charge};
use hotspot::adapters::fake::{FakeRouter, FakeRouterState};
use kernel::testing::Surroundings;
use notifications::adapters::fake::ReceivedMessage;
use persistence::testing::TestDatabase;
use portal::{
    compose::Composition,
    config::{Layers, RadiusMode, Settings},
    serve::{ProcessRole, Running},
    startup,
    worker::{Worker, schedule::Task, scheduler::Scheduler},
};
use radius::adapters::embedded::EmbeddedServer;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{wire::Wire, witnesses::RouterUser};

/// The token in the path of the callback address.
pub const CALLBACK_TOKEN: &str = "test-callback-token";
/// The key of the callbacks' signature.
pub const CALLBACK_SECRET: &str = "test-callback-secret";
/// Lifts the rate limits.
const BYPASS: &str = "test-bypass-token-0123456789";

/// A running portal.
pub struct TestApp {
    pub around: Surroundings,
    pub composition: Arc<Composition>,
    pub worker: Worker,
    pub base: String,
    /// Holds the fake world too; gone with the last app that uses it.
    pub database: Arc<TestDatabase>,
    /// The world behind real adapters; without it, gateway and routers are the fakes.
    pub wire: Option<Arc<Wire>>,
    http: reqwest::Client,
    running: Option<Running>,
    /// The RADIUS server, where the settings ask for one.
    radius: Option<Running>,
    pub scheduler: Scheduler,
}

/// An answer, taken apart.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Reply {
    /// The answer's data, when it has this status.
    #[track_caller]
    pub fn data(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body["data"].clone()
    }

    /// That a gateway's callback was taken in.
    #[track_caller]
    pub fn accepted(&self) {
        assert_eq!((self.status.as_u16(), &self.body), (200, &json!("OK")));
    }

    /// The answer's error code, when it has this status.
    #[track_caller]
    pub fn code(&self, status: u16) -> &str {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body["meta"]["code"].as_str().unwrap()
    }
}

impl TestApp {
    /// A portal with the demonstration's accounts and packages.
    pub async fn start(database: TestDatabase) -> Self {
        Self::with(database, &[]).await
    }

    /// The same, with some settings of its own.
    pub async fn with(database: TestDatabase, settings: &[(&str, &str)]) -> Self {
        Self::on(Arc::new(database), settings, Surroundings::new(), None).await
    }

    /// A second process of the same portal: on the same database, in the same world and time.
    pub async fn second(&self, settings: &[(&str, &str)]) -> Self {
        Self::on(self.database.clone(), settings, self.around.clone(), self.wire.clone()).await
    }

    /// A portal on a database, in a world and time that others may share.
    pub async fn on(
        database: Arc<TestDatabase>,
        own: &[(&str, &str)],
        around: Surroundings,
        wire: Option<Arc<Wire>>,
    ) -> Self {
        let world = database.folder().join("fake-world");
        let mut variables = BTreeMap::from([
            ("APP_ENV".to_owned(), "test".to_owned()),
            ("DATABASE_URL".to_owned(), database.url().to_owned()),
            ("FAKE_WORLD_PATH".to_owned(), world.display().to_string()),
            ("HTTP_ADDR".to_owned(), "127.0.0.1:0".to_owned()),
            ("SERDIPAY_CALLBACK_TOKEN".to_owned(), CALLBACK_TOKEN.to_owned()),
            ("SERDIPAY_WEBHOOK_SECRET".to_owned(), CALLBACK_SECRET.to_owned()),
            ("RATE_LIMIT_BYPASS_TOKEN".to_owned(), BYPASS.to_owned()),
            ("DATABASE_MAX_CONNECTIONS".to_owned(), "8".to_owned()),
            ("RATE_LIMIT_AUTH".to_owned(), "10000".to_owned()),
        ]);
        variables.extend(wire.iter().flat_map(|wire| wire.settings()));
        variables.extend(own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let settings = Settings::read(&Layers::new(None, variables)).unwrap();
        let composition = Arc::new(Composition::new(settings, around.ambient()).await.unwrap());
        startup::bring_schema_up_to_date(&composition, true).await.unwrap();
        startup::ensure_foundations(&composition).await.unwrap();
        startup::seed_demo(&composition).await.unwrap();
        let running = Running::start(&composition, ProcessRole::Api).await.unwrap();
        let base = format!("http://{}", running.addresses[0]);
        let radius = match composition.settings.radius.mode {
            RadiusMode::Embedded => Some(Running::start(&composition, ProcessRole::Radius).await.unwrap()),
            RadiusMode::FreeRadius | RadiusMode::Off => None,
        };
        let worker = Worker::new(&composition);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let scheduler = Scheduler::new(&composition);
        let running = Some(running);
        Self { around, composition, worker, base, database, wire, http, running, radius, scheduler }
    }

    /// Sends a request and takes the answer apart.
    pub async fn send(&self, method: Method, path: &str, token: Option<&str>, body: Option<Value>) -> Reply {
        self.send_with(method, path, token, body, &[]).await
    }

    /// The same, with some headers.
    pub async fn send_with(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        request = request.header("X-Rate-Limit-Bypass", BYPASS);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        reply(request).await
    }

    /// Sends a file.
    pub async fn send_file(&self, path: &str, token: &str, media_type: &str, file: Vec<u8>) -> Reply {
        let request = self.http.post(format!("{}{path}", self.base)).bearer_auth(token).body(file);
        reply(request.header("Content-Type", media_type).header("X-Rate-Limit-Bypass", BYPASS)).await
    }

    /// A file.
    pub async fn file(&self, path: &str, token: &str) -> Vec<u8> {
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth(token);
        let response = request.header("X-Rate-Limit-Bypass", BYPASS).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.bytes().await.unwrap().to_vec()
    }

    /// Posts something that is answered with a file.
    pub async fn bytes_of(&self, path: &str, token: &str, body: Value) -> Vec<u8> {
        let request = self.http.post(format!("{}{path}", self.base)).bearer_auth(token).json(&body);
        let response = request.header("X-Rate-Limit-Bypass", BYPASS).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.bytes().await.unwrap().to_vec()
    }

    pub async fn get(&self, path: &str, token: &str) -> Reply {
        self.send(Method::GET, path, Some(token), None).await
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(token), Some(body)).await
    }

    /// Signs a demonstration account in and gives its access token.
    pub async fn log_in(&self, login: &str) -> String {
        let body = json!({"login": login, "password": startup::DEMO_PASSWORD});
        let data = self.send(Method::POST, "/api/v1/auth/login", None, Some(body)).await.data(200);
        data["access_token"].as_str().unwrap().to_owned()
    }

    /// The id of a package on sale.
    pub async fn package(&self, name: &str) -> String {
        let packages = self.send(Method::GET, "/api/v1/user-profiles", None, None).await.data(200);
        let found = packages.as_array().unwrap().iter().find(|package| package["name"] == name).unwrap();
        found["id"].as_str().unwrap().to_owned()
    }

    /// Puts a package on sale that is like `2H` but for its name and price, and gives its id.
    pub async fn sell(&self, admin: &str, name: &str, price: Value) -> String {
        let like =
            self.get(&format!("/api/v1/admin/user-profiles/{}", self.package("2H").await), admin).await;
        let body = json!({
            "name": name, "price": price, "validity_minutes": 120, "validity_start": "creation",
            "policy": like.data(200)["policy"], "target": "router",
        });
        let package = self.post("/api/v1/admin/user-profiles", admin, body).await.data(201);
        package["id"].as_str().unwrap().to_owned()
    }

    /// Places an order and gives its id.
    pub async fn order(&self, token: &str, package: &str, quantity: u32) -> String {
        let body = json!({"user_profile_id": self.package(package).await, "quantity": quantity});
        let order = self.post("/api/v1/orders", token, body).await.data(201);
        order["id"].as_str().unwrap().to_owned()
    }

    /// Asks a phone to pay an order and gives the payment's id. The number's last four digits choose the part
    /// that the fake gateway plays.
    pub async fn pay(&self, token: &str, order: &str, suffix: &str) -> String {
        let payment = self.ask_to_pay(token, order, suffix).await.data(202);
        payment["id"].as_str().unwrap().to_owned()
    }

    /// The same, whatever the answer.
    pub async fn ask_to_pay(&self, token: &str, order: &str, suffix: &str) -> Reply {
        let body = json!({"phone": format!("+24382555{suffix}"), "operator": "MP"});
        self.post(&format!("/api/v1/payments/{order}/initiate"), token, body).await
    }

    pub async fn order_status(&self, token: &str, order: &str) -> String {
        let order = self.get(&format!("/api/v1/orders/{order}"), token).await.data(200);
        order["status"].as_str().unwrap().to_owned()
    }

    pub async fn payment_status(&self, token: &str, payment: &str) -> String {
        let payment = self.get(&format!("/api/v1/payments/{payment}"), token).await.data(200);
        payment["status"].as_str().unwrap().to_owned()
    }

    /// Does everything that can be done now: jobs, and callbacks that are due.
    pub async fn settle(&self) {
        loop {
            let jobs = self.worker.drain().await.unwrap();
            let callbacks = match &self.wire {
                Some(wire) => wire.payments.deliver_due().await.unwrap(),
                None => self.gateway().deliver_due().await.unwrap(),
            };
            if jobs + callbacks == 0 {
                return;
            }
        }
    }

    /// Lets time pass, and then does everything that can be done.
    pub async fn pass(&self, time: chrono::Duration) {
        self.around.clock.advance(time);
        self.settle().await;
    }

    /// Lets enough time pass for the fake gateway to say what it has to say.
    pub async fn pass_a_second(&self) {
        self.pass(chrono::Duration::seconds(1)).await;
    }

    /// Runs what has become due by the clock since the last look.
    pub async fn tick(&self) {
        self.scheduler.look().await.unwrap();
        self.settle().await;
    }

    /// Runs one scheduled task now, whatever the clock says, and then does everything that can be done.
    pub async fn run(&self, task: Task) {
        let Composition { background, settings, ambient, .. } = self.composition.as_ref();
        task.run(background, settings, ambient).await.unwrap();
        self.settle().await;
    }

    /// Sends a gateway's callback, rightly signed, to the address with the token.
    pub async fn callback(&self, body: &str) -> Reply {
        self.callback_as(body, Some(CALLBACK_TOKEN), &[&sign(body)]).await
    }

    /// The same, with any token and signatures.
    pub async fn callback_as(&self, body: &str, token: Option<&str>, signatures: &[&str]) -> Reply {
        let path = match token {
            Some(token) => format!("/api/v1/payments/callback/serdipay/{token}"),
            None => "/api/v1/payments/callback/serdipay".to_owned(),
        };
        let mut request = self.http.post(format!("{}{path}", self.base)).body(body.to_owned());
        request = request.header("Content-Type", "application/json");
        for signature in signatures {
            request = request.header("X-Serdipay-Signature", *signature);
        }
        reply(request).await
    }

    pub fn gateway(&self) -> &FakeGateway {
        self.composition.adapters.fakes.gateway.as_ref().unwrap()
    }

    /// Everything that the gateway was asked, by its own books.
    pub fn charges(&self) -> Vec<Charge> {
        match &self.wire {
            Some(wire) => wire.charges(),
            None => self.gateway().charges().unwrap(),
        }
    }

    /// The RADIUS server within the portal.
    pub fn radius(&self) -> &EmbeddedServer {
        self.radius.as_ref().and_then(|running| running.radius.as_deref()).unwrap()
    }

    /// The customers that the router has, by its own account.
    pub fn router_users(&self) -> BTreeMap<String, RouterUser> {
        match &self.wire {
            Some(wire) => wire.router_users(),
            None => RouterUser::of_fake(self.router_state()),
        }
    }

    pub fn router(&self) -> FakeRouter {
        self.composition.adapters.fakes.routers.as_ref().unwrap().router("main")
    }

    /// The router as it is, by its own account.
    pub fn router_state(&self) -> FakeRouterState {
        self.router().state().unwrap()
    }

    /// Every text message that reached the phone.
    pub fn text_messages(&self) -> Vec<ReceivedMessage> {
        self.composition.adapters.fakes.phone.as_ref().unwrap().snapshot().unwrap().received
    }

    /// Every email that reached the mailbox.
    pub fn emails(&self) -> Vec<ReceivedMessage> {
        self.composition.adapters.fakes.mailbox.as_ref().unwrap().snapshot().unwrap().received
    }

    /// That the ledger balances and agrees with the payments.
    pub async fn assert_ledger_is_sound(&self) {
        let report = self.composition.services.billing.verify_ledger().await.unwrap();
        assert!(report.is_sound(), "{report:?}");
    }

    /// Ends the test: everything was done, and nothing was given up.
    pub async fn end(mut self) {
        self.settle().await;
        let left = self.composition.background.database.unfinished_jobs(20).await.unwrap();
        assert!(left.is_empty(), "jobs are left: {left:#?}");
        self.assert_ledger_is_sound().await;
        self.stop().await;
    }

    /// Stops listening, whatever is left to do.
    pub async fn stop(&mut self) {
        for running in [self.running.take(), self.radius.take()].into_iter().flatten() {
            running.stop().await;
        }
    }
}

async fn reply(request: reqwest::RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    Reply { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

/// The signature that a callback with this body must bear.
pub fn sign(body: &str) -> String {
    let secrets = billing::adapters::serdipay::callback::CallbackSecrets {
        path_token: None,
        hmac_secret: Some(CALLBACK_SECRET.to_owned()),
    };
    secrets.sign(body.as_bytes()).unwrap()
}
