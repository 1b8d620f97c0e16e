//! A running simulator, in this process: how a test starts one, looks into it and ends it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use kernel::Ambient;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::action::{Action, ActionError};
use super::conditions::Conditions;
use super::login::Account;
use super::menu::Menu;
use super::router::Router;
use super::server::{self, Port};
use super::shared::Shared;
use super::tls::{self, Certificate};
use super::version::Version;
use super::view::View;
use super::world::World;
use crate::control;
use crate::scenario::Step;

/// How a simulator is to be. The default is RouterOS 7.18 on a free port of 127.0.0.1, plain, with the account
/// `admin` and `secret`, on the system's clock, where nothing happens by itself.
#[derive(Clone)]
pub struct Options {
    /// Where the plain API listens; port 0 takes a free one.
    pub addr: SocketAddr,
    /// Where the API listens with TLS, if it does.
    pub tls_addr: Option<SocketAddr>,
    /// Where actions are taken as lines of JSON, if they are. Whoever can connect there commands the router.
    pub control_addr: Option<SocketAddr>,
    /// The API's user.
    pub user: String,
    /// The API user's password.
    pub password: String,
    /// Which RouterOS it is.
    pub version: Version,
    /// What the router calls itself.
    pub identity: String,
    /// What happens by itself.
    pub scenario: Vec<Step<Action>>,
    /// The clock that counters and limits go by, and where challenges come from.
    pub ambient: Ambient,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls_addr: None,
            control_addr: None,
            user: "admin".to_owned(),
            password: "secret".to_owned(),
            version: Version::V7_18,
            identity: "MikroTik".to_owned(),
            scenario: Vec::new(),
            ambient: Ambient::system(),
        }
    }
}

/// A router that runs until it is shut down or dropped.
pub struct RouterSimulator {
    addr: SocketAddr,
    tls: Option<(SocketAddr, Certificate)>,
    control_addr: Option<SocketAddr>,
    shared: Arc<Shared>,
    listening: Vec<watch::Receiver<bool>>,
    tasks: JoinSet<()>,
}

impl RouterSimulator {
    /// Switches a router on. It listens when this returns.
    ///
    /// # Errors
    /// If an address cannot be listened on, or no certificate be made.
    pub async fn start(options: Options) -> Result<Self> {
        let Options { user, password, version, identity, scenario, ambient, .. } = options;
        let router = Router::new(version, &identity, ambient.now());
        let world = World::new(router, scenario);
        let shared = Arc::new(Shared::new(world, Account { user, password }, ambient));
        let mut tasks = JoinSet::new();

        let plain = open(options.addr, None)?;
        let addr = plain.address();
        let mut listening = vec![plain.watch()];
        tasks.spawn(plain.serve(shared.clone()));
        let mut tls = None;
        if let Some(address) = options.tls_addr {
            let (certificate, acceptor) = tls::self_signed()?;
            let port = open(address, Some(acceptor))?;
            tls = Some((port.address(), certificate));
            listening.push(port.watch());
            tasks.spawn(port.serve(shared.clone()));
        }
        let mut control_addr = None;
        if let Some(address) = options.control_addr {
            let listener = TcpListener::bind(address);
            let listener = listener.await.with_context(|| format!("cannot listen on {address}"))?;
            control_addr = Some(listener.local_addr()?);
            tasks.spawn(control::serve(listener, shared.clone()));
        }
        tasks.spawn(server::watch_time(shared.clone()));
        Ok(Self { addr, tls, control_addr, shared, listening, tasks })
    }

    /// Where the plain API listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where the API listens with TLS.
    #[must_use]
    pub fn tls_addr(&self) -> Option<SocketAddr> {
        self.tls.as_ref().map(|(address, _)| *address)
    }

    /// The certificate that the API shows with TLS.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.tls.as_ref().map(|(_, certificate)| certificate)
    }

    /// Where actions are taken.
    #[must_use]
    pub fn control_addr(&self) -> Option<SocketAddr> {
        self.control_addr
    }

    /// Does something to the router or its world, and tells what came of it: the address of a sign-in, the
    /// sentences of a command, the state; else null.
    ///
    /// # Errors
    /// Why it could not be done: a refused sign-in or command, somebody who is not online.
    pub fn apply(&self, action: Action) -> Result<Value, ActionError> {
        self.shared.up_to_date(|world| world.apply(action))
    }

    /// Changes what is wrong with the router. Its ports are closed or opened a moment later; see
    /// [`Self::take_down`].
    pub fn change(&self, change: impl FnOnce(&mut Conditions)) {
        self.shared.up_to_date(|world| world.change(change));
    }

    /// Takes the router down. When this returns, connections are refused, and nothing that arrives over older ones
    /// is done.
    pub async fn take_down(&self) {
        self.change(|conditions| conditions.down = true);
        self.until_listening(false).await;
    }

    /// Brings the router up again. When this returns, connections are accepted.
    pub async fn bring_up(&self) {
        self.change(|conditions| conditions.down = false);
        self.until_listening(true).await;
    }

    async fn until_listening(&self, wanted: bool) {
        for mut port in self.listening.iter().cloned() {
            // Fails when the port is gone for good, and then nobody listens either.
            port.wait_for(|listening| *listening == wanted).await.ok();
        }
    }

    /// What is wrong with the router.
    #[must_use]
    pub fn conditions(&self) -> Conditions {
        self.shared.world().conditions().clone()
    }

    /// The items of a menu, as `/ip/hotspot/user` names it, with all that a print would show. A menu that is not
    /// simulated has none.
    #[must_use]
    pub fn items(&self, path: &str) -> Vec<BTreeMap<String, String>> {
        let Some(menu) = Menu::at(path) else {
            return Vec::new();
        };
        self.shared.up_to_date(|world| {
            let view = View::new(&world.router);
            let names =
                || std::iter::once(".id").chain(menu.properties().iter().map(|property| property.name));
            let values = |id| {
                let value = |name: &str| {
                    let value = view.field(menu, id, name)?;
                    Some((name.to_owned(), String::from_utf8_lossy(&value).into_owned()))
                };
                names().filter_map(value).collect()
            };
            view.ids(menu).into_iter().map(values).collect()
        })
    }

    /// The HotSpot user of a name, as a print would show it.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<BTreeMap<String, String>> {
        self.items("/ip/hotspot/user")
            .into_iter()
            .find(|user| user.get("name").is_some_and(|held| held == name))
    }

    /// How often a command, such as `/ip/hotspot/user/add`, was done. Refused ones do not count.
    #[must_use]
    pub fn times_executed(&self, command: &str) -> u64 {
        self.shared.world().times_executed(command)
    }

    /// Switches the router off for good, and returns when its ports are free.
    pub async fn shut_down(mut self) {
        self.tasks.shutdown().await;
    }
}

fn open(address: SocketAddr, acceptor: Option<tokio_rustls::TlsAcceptor>) -> Result<Port> {
    Port::open(address, acceptor).with_context(|| format!("cannot listen on {address}"))
}
