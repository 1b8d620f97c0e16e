//! Places where a test kills the process: before and after every commit and every call to the outside. A build
//! for release does not have them.
//!
//! `CRASH_AT=<place>:<before|after>:<n>` kills the process the n-th time it comes there. `CRASH_TRACE=<file>`
//! writes down every place that it comes by, so that a test knows them all.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::OpenOptions,
    io::Write as _,
    net::IpAddr,
    process::Command,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use billing::{
    limits::AmountLimits,
    ports::{
        PaymentGateway,
        gateway::{
            CallbackAuth, CallbackUnreadable, Capabilities, GatewayReport, InitiateOutcome, InitiateRequest,
            PaymentReferences, QueryOutcome, RawCallback, RefundRequest,
        },
    },
};
use hotspot::{
    block::BlockTarget,
    ports::{
        InterfaceLoad, RateLimit, RouterError, RouterGateway, RouterGateways, RouterHealth, RouterIdentity,
        RouterSession, SeenUser, WantedUser,
    },
    router::{Router, RouterMode},
};
use notifications::{Channel, MessageChannel, SendOutcome, ports::OutgoingMessage};
use persistence::Database;
use radius::ports::nas::{NasControl, NasTarget, Order, SessionNames, Told};

use super::Adapters;

/// Where the process is to be killed, and where it has been.
#[derive(Default)]
struct Points {
    seen: Mutex<BTreeMap<String, u32>>,
}

static POINTS: OnceLock<Points> = OnceLock::new();

/// From now on places count. What happens while a process starts is not of interest.
pub fn arm() {
    POINTS.get_or_init(Points::default);
}

/// The process comes by a place.
fn pass(place: &str, side: &str) {
    let Some(points) = POINTS.get() else { return };
    let place = format!("{place}:{side}");
    let place = {
        let mut seen = points.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let times = seen.entry(place.clone()).or_default();
        *times += 1;
        format!("{place}:{times}")
    };
    if let Ok(path) = std::env::var("CRASH_TRACE")
        && let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path)
    {
        // A trace that cannot be written makes its test fail, not this process.
        writeln!(file, "{place}").ok();
    }
    if std::env::var("CRASH_AT").is_ok_and(|at| at == place) {
        die();
    }
}

/// Ends the process as `kill -9` does: nothing is flushed, dropped or said.
fn die() -> ! {
    let me = std::process::id().to_string();
    if Command::new("kill").args(["-9", &me]).status().is_ok() {
        std::thread::sleep(Duration::from_secs(10));
    }
    std::process::abort()
}

/// Has every commit of a database be such a place.
pub(super) fn watch_commits(database: &Database) {
    database.probe_commits(Arc::new(|side| pass("commit", side)));
}

/// Has every call to the outside be such a place.
pub(super) fn around(adapters: Adapters) -> Adapters {
    Adapters {
        gateways: adapters.gateways.map(|gateway| Arc::new(Gateway(gateway))),
        routers: adapters.routers,
        channels: adapters.channels.into_iter().map(|channel| Arc::new(Messages(channel)) as _).collect(),
        sealer: adapters.sealer,
        nas: Arc::new(Nases(adapters.nas)),
        nas_changes: adapters.nas_changes,
        fakes: adapters.fakes,
    }
}

/// Has every call to a router, or to RADIUS as one, be such a place.
pub(super) fn around_routers(routers: Arc<dyn RouterGateways>) -> Arc<dyn RouterGateways> {
    Arc::new(Routers(routers))
}

macro_rules! passing {
    ($place:literal, $call:expr) => {{
        pass($place, "before");
        let answer = $call.await;
        pass($place, "after");
        answer
    }};
}

struct Gateway(Arc<dyn PaymentGateway>);

#[async_trait]
impl PaymentGateway for Gateway {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn callback_door(&self) -> &'static str {
        self.0.callback_door()
    }

    fn limits(&self) -> Vec<AmountLimits> {
        self.0.limits()
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    async fn initiate(&self, request: &InitiateRequest) -> InitiateOutcome {
        passing!("gateway.initiate", self.0.initiate(request))
    }

    async fn query(&self, references: &PaymentReferences) -> QueryOutcome {
        passing!("gateway.query", self.0.query(references))
    }

    async fn refund(&self, request: &RefundRequest) -> InitiateOutcome {
        passing!("gateway.refund", self.0.refund(request))
    }

    async fn query_refund(&self, references: &PaymentReferences) -> QueryOutcome {
        passing!("gateway.query_refund", self.0.query_refund(references))
    }

    fn authenticate_callback(&self, callback: &RawCallback) -> CallbackAuth {
        self.0.authenticate_callback(callback)
    }

    fn parse_callback(&self, body: &[u8]) -> Result<Vec<GatewayReport>, CallbackUnreadable> {
        self.0.parse_callback(body)
    }

    fn acknowledgement(&self) -> &'static str {
        self.0.acknowledgement()
    }
}

struct Messages(Arc<dyn MessageChannel>);

#[async_trait]
impl MessageChannel for Messages {
    fn name(&self) -> Channel {
        self.0.name()
    }

    fn idempotent(&self) -> bool {
        self.0.idempotent()
    }

    async fn send(&self, message: &OutgoingMessage) -> SendOutcome {
        passing!("channel.send", self.0.send(message))
    }
}

struct Nases(Arc<dyn NasControl>);

#[async_trait]
impl NasControl for Nases {
    async fn tell(&self, nas: &NasTarget, session: &SessionNames, order: &Order) -> Told {
        passing!("nas.tell", self.0.tell(nas, session, order))
    }
}

struct Routers(Arc<dyn RouterGateways>);

impl RouterGateways for Routers {
    fn gateway(&self, router: &Router) -> Arc<dyn RouterGateway> {
        Arc::new(OneRouter(self.0.gateway(router)))
    }

    fn reaches(&self, mode: RouterMode) -> bool {
        self.0.reaches(mode)
    }

    fn health(&self, router: &Router) -> RouterHealth {
        self.0.health(router)
    }
}

struct OneRouter(Arc<dyn RouterGateway>);

#[async_trait]
impl RouterGateway for OneRouter {
    async fn create_user(&self, user: &WantedUser) -> Result<(), RouterError> {
        passing!("router.create_user", self.0.create_user(user))
    }

    async fn update_user(&self, user: &WantedUser) -> Result<(), RouterError> {
        passing!("router.update_user", self.0.update_user(user))
    }

    async fn find_user(&self, name: &str) -> Result<Option<SeenUser>, RouterError> {
        passing!("router.find_user", self.0.find_user(name))
    }

    async fn remove_user(&self, name: &str) -> Result<(), RouterError> {
        passing!("router.remove_user", self.0.remove_user(name))
    }

    async fn suspend_user(&self, name: &str) -> Result<(), RouterError> {
        passing!("router.suspend_user", self.0.suspend_user(name))
    }

    async fn resume_user(&self, name: &str) -> Result<(), RouterError> {
        passing!("router.resume_user", self.0.resume_user(name))
    }

    async fn list_users(&self) -> Result<Vec<SeenUser>, RouterError> {
        passing!("router.list_users", self.0.list_users())
    }

    async fn list_active_sessions(&self, username: Option<&str>) -> Result<Vec<RouterSession>, RouterError> {
        passing!("router.list_active_sessions", self.0.list_active_sessions(username))
    }

    async fn disconnect(&self, session_id: &str) -> Result<bool, RouterError> {
        passing!("router.disconnect", self.0.disconnect(session_id))
    }

    async fn set_rate_limit(&self, username: &str, limit: RateLimit) -> Result<bool, RouterError> {
        passing!("router.set_rate_limit", self.0.set_rate_limit(username, limit))
    }

    async fn interface_load(&self) -> Result<Vec<InterfaceLoad>, RouterError> {
        passing!("router.interface_load", self.0.interface_load())
    }

    async fn ping(&self) -> Result<Duration, RouterError> {
        passing!("router.ping", self.0.ping())
    }

    async fn identity(&self) -> Result<RouterIdentity, RouterError> {
        passing!("router.identity", self.0.identity())
    }

    async fn block_domain(&self, domain: &str) -> Result<(), RouterError> {
        passing!("router.block_domain", self.0.block_domain(domain))
    }

    async fn unblock_domain(&self, domain: &str) -> Result<(), RouterError> {
        passing!("router.unblock_domain", self.0.unblock_domain(domain))
    }

    async fn block_address(&self, address: IpAddr) -> Result<(), RouterError> {
        passing!("router.block_address", self.0.block_address(address))
    }

    async fn unblock_address(&self, address: IpAddr) -> Result<(), RouterError> {
        passing!("router.unblock_address", self.0.unblock_address(address))
    }

    async fn block_device(&self, mac: &str) -> Result<(), RouterError> {
        passing!("router.block_device", self.0.block_device(mac))
    }

    async fn unblock_device(&self, mac: &str) -> Result<(), RouterError> {
        passing!("router.unblock_device", self.0.unblock_device(mac))
    }

    async fn list_blocks(&self) -> Result<BTreeSet<BlockTarget>, RouterError> {
        passing!("router.list_blocks", self.0.list_blocks())
    }
}
