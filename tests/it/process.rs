//! The real binary as a process of its own, to be killed and started again on the same database and in the same
//! outside world.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use billing::adapters::fake::{FakeGateway, world::Charge};
use hotspot::adapters::fake::FakeRouters;
use kernel::{Ambient, testing::Surroundings};
use notifications::adapters::fake::{FakeChannel, ReceivedMessage};
use persistence::testing::TestDatabase;
use portal::{
    compose::Composition,
    config::{Layers, Settings, names::SETTINGS},
};
use reqwest::Method;
use serde_json::Value;
use simulators::routeros::Options;
use tokio::task::JoinHandle;

use crate::{wire::Wire, witnesses::RouterUser};

/// How long to wait between two looks at what a process has done.
const LOOK: Duration = Duration::from_millis(20);
/// The longest that anything may take before the test gives up: much longer than it ever does.
const PATIENCE: Duration = Duration::from_secs(120);

/// An address to listen on, and again after a death. Its port lies below those that the system gives to outgoing connections
/// (32768 and up on Linux), one of which might have it while nobody listens.
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 10_000;
    const PORTS: u16 = 20_000;
    // Test processes side by side begin at different places.
    let offset = u16::try_from(std::process::id() % u32::from(PORTS)).unwrap_or_default();
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + offset.wrapping_mul(37).wrapping_add(step) % PORTS;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// Where a portal lives that may die: a database and the outside world, which both stay.
pub struct Place {
    database: Arc<TestDatabase>,
    variables: BTreeMap<String, String>,
    base: String,
    http: reqwest::Client,
    wire: Option<Calling>,
}

/// A world behind real adapters that calls back when the time has come, as long as this value lives.
struct Calling {
    wire: Arc<Wire>,
    caller: JoinHandle<()>,
}

impl Drop for Calling {
    fn drop(&mut self) {
        self.caller.abort();
    }
}

impl Place {
    /// A place with a router and gateways on the wire.
    pub async fn on_wire(database: TestDatabase) -> Self {
        let mut place = Self::new(database);
        let wire = Wire::start(place.folder(), Ambient::system(), Options::default()).await;
        place.variables.extend(wire.settings());
        wire.call_back(&place.base);
        let wire = Arc::new(wire);
        let calling = wire.clone();
        let caller = tokio::spawn(async move {
            loop {
                calling.payments.deliver_due().await.unwrap();
                tokio::time::sleep(LOOK).await;
            }
        });
        place.wire = Some(Calling { wire, caller });
        place
    }

    /// A place in the fake world whose portal works fast and holds no job for long.
    pub fn new(database: TestDatabase) -> Self {
        let address = free_address();
        let world = database.folder().join("fake-world");
        let mut variables = BTreeMap::from(
            [
                ("APP_ENV", "test".to_owned()),
                ("DATABASE_URL", database.url().to_owned()),
                ("FAKE_WORLD_PATH", world.display().to_string()),
                ("HTTP_ADDR", address.to_string()),
                ("FAKE_GATEWAY_STATUS_QUERY", "true".to_owned()),
                ("JOB_LEASE_SECONDS", "2".to_owned()),
                ("JOB_POLL_MILLISECONDS", "50".to_owned()),
                ("WORKER_CONCURRENCY", "1".to_owned()),
                ("RATE_LIMIT_USER", "100000".to_owned()),
                ("RATE_LIMIT_AUTH", "100000".to_owned()),
                ("RATE_LIMIT_GUEST", "100000".to_owned()),
                ("LOG_LEVEL", "warn".to_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        // What runs by the clock would come in between at another place each time.
        let scheduled = SETTINGS.iter().filter(|setting| setting.name.starts_with("CRON_"));
        variables.extend(scheduled.map(|setting| (setting.name.to_owned(), "0 0 1 1 *".to_owned())));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { database: Arc::new(database), variables, base: format!("http://{address}"), http, wire: None }
    }

    /// Another address for the same database and the same fake world: a portal there is the other one's neighbour.
    pub fn next_door(&self) -> Self {
        let address = free_address();
        let mut variables = self.variables.clone();
        variables.insert("HTTP_ADDR".to_owned(), address.to_string());
        let (database, http) = (self.database.clone(), self.http.clone());
        Self { database, variables, base: format!("http://{address}"), http, wire: None }
    }

    /// The same with a setting of its own.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A folder that is gone with the place.
    pub fn folder(&self) -> &Path {
        self.database.folder()
    }

    /// The database, for a look past the portal.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Has every portal that is started here have a setting.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// Starts a portal with some settings of its own, and waits until it answers or has died.
    pub async fn start(&self, own: &[(&str, &str)]) -> Process {
        let mut process = self.spawn("all", own);
        self.until_it_answers(&mut process).await;
        process
    }

    /// Starts the part of a portal that answers requests, with some settings of its own, and waits until it does.
    pub async fn start_api(&self, own: &[(&str, &str)]) -> Process {
        let mut process = self.spawn("api", own);
        self.until_it_answers(&mut process).await;
        process
    }

    /// Starts the part of a portal that does jobs.
    pub fn start_worker(&self) -> Process {
        self.spawn("worker", &[])
    }

    async fn until_it_answers(&self, process: &mut Process) {
        let ready = format!("{}/health/ready", self.base);
        wait_until("the portal answers", async || {
            process.has_ended().is_some()
                || self.http.get(&ready).send().await.is_ok_and(|reply| reply.status() == 200)
        })
        .await;
    }

    fn spawn(&self, role: &str, own: &[(&str, &str)]) -> Process {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder().join("portal.log"))
            .unwrap();
        let child = Command::new(binary())
            .args(["serve", "--demo", "--role", role])
            .env_clear()
            .envs(&self.variables)
            .envs(std::env::var("PATH").map(|path| ("PATH", path)))
            .envs(own.iter().copied())
            .current_dir(self.folder())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Process { child }
    }

    /// Runs a command of the portal's to its end, and gives its exit code and what it has printed.
    pub fn command(&self, arguments: &[&str]) -> (i32, String) {
        let mut portal = Command::new(binary());
        portal.args(arguments).env_clear().envs(&self.variables).current_dir(self.folder());
        let output = portal.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap_or_else(|| panic!("{arguments:?} was killed")), said)
    }

    /// Sends a request; `None` when nobody answers it.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Option<(u16, Value)> {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers = [("Authorization", bearer.as_deref()), ("Idempotency-Key", key)];
        self.send_with(method, path, &headers, body).await
    }

    /// The same, with whatever headers have a value.
    pub async fn send_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, Option<&str>)],
        body: Option<&Value>,
    ) -> Option<(u16, Value)> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        for (name, value) in headers.iter().filter_map(|(name, value)| Some((name, (*value)?))) {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let text = response.text().await.ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// Signs an administrator in at a running portal.
    pub async fn admin(&self) -> String {
        let body = serde_json::json!({"login": "admin@demo.test", "password": "password"});
        let answer = self.send(Method::POST, "/api/v1/auth/login", None, None, Some(&body)).await.unwrap();
        answer.1["data"]["access_token"].as_str().unwrap().to_owned()
    }

    /// Whether the gateway can be asked what became of a payment.
    pub fn gateway_answers_questions(&self) -> bool {
        self.wire.is_none()
    }

    /// What the gateway was asked, by its own books.
    pub fn charges(&self) -> Vec<Charge> {
        if let Some(Calling { wire, .. }) = &self.wire {
            return wire.charges();
        }
        let secrets = billing::adapters::serdipay::callback::CallbackSecrets::default();
        FakeGateway::open(&self.world(), secrets, true, Ambient::system()).unwrap().charges().unwrap()
    }

    /// The names of the router's users, by its own account.
    pub fn router_users(&self) -> BTreeSet<String> {
        let users = match &self.wire {
            Some(Calling { wire, .. }) => wire.router_users(),
            None => {
                let router = FakeRouters::open(&self.world()).unwrap().router("main");
                RouterUser::of_fake(router.state().unwrap())
            }
        };
        users.into_keys().collect()
    }

    /// Has everything that is on sale be enforced by RADIUS from now on.
    pub async fn sell_by_radius(&self) {
        assert!(self.start(&[]).await.stop().success(), "{}", self.log());
        assert!(self.database.execute("UPDATE packages SET target = 'radius'").await > 0);
    }

    /// Who may sign in by RADIUS, by the tables that FreeRADIUS reads, with the names as they were issued.
    pub async fn radius_users(&self) -> BTreeSet<String> {
        let issued = "SELECT issued_name FROM subscribers JOIN radcheck ON radcheck.username = subscribers.username \
                      WHERE enabled AND attribute = 'Cleartext-Password'";
        self.database.texts(issued).await.into_iter().collect()
    }

    /// Every text message that reached the phone.
    pub fn text_messages(&self) -> Vec<ReceivedMessage> {
        FakeChannel::phone(&self.world(), Ambient::system()).unwrap().snapshot().unwrap().received
    }

    /// The same database, seen from this process: to look at it after the portal has stopped.
    pub async fn look_inside(&self) -> Composition {
        let settings = Settings::read(&Layers::new(None, self.variables.clone())).unwrap();
        Composition::new(settings, Surroundings::new().ambient()).await.unwrap()
    }

    /// What the portal has logged, for the message of a test that fails.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder().join("portal.log")).unwrap_or_default()
    }

    fn world(&self) -> PathBuf {
        self.folder().join("fake-world")
    }
}

/// A running portal; killed with this value.
pub struct Process {
    child: Child,
}

impl Process {
    /// How it ended, if it has.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop as a service manager does, and waits until it has.
    pub fn stop(&mut self) -> ExitStatus {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let killed: io::Result<()> = self.child.kill();
        drop(killed.and_then(|()| self.child.wait()));
    }
}

/// Looks again and again until something is so.
pub async fn wait_until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let mut looks = 0;
    while !so().await {
        looks += 1;
        assert!(LOOK * looks < PATIENCE, "gave up waiting until {what}");
        tokio::time::sleep(LOOK).await;
    }
}

/// The portal's binary, built with its crash points.
pub fn binary() -> PathBuf {
    if let Ok(path) = std::env::var("PORTAL_BIN") {
        return path.into();
    }
    // Beside the tests, which cargo puts into a folder of its own below.
    let tests = std::env::current_exe().unwrap();
    tests.parent().and_then(Path::parent).unwrap().join("portal")
}
