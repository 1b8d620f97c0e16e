//! A running simulator, in this process: how a test starts one, looks into it and ends it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use kernel::Ambient;
use serde_json::{Value, json};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tracing::warn;

use super::action::{Action, ActionError, Applied};
use super::dynamic::Heard;
use super::identity::Identity;
use super::session::{Account, Online};
use super::world::{SignedIn, World};
use crate::control::{self, Controlled};
use crate::scenario::Step;

/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_millis(50);

/// The largest packet (RFC 2865 section 3), and one byte to notice a larger one.
const LARGEST: usize = 4_097;

/// How a simulator is to be. The default listens on a free port of 127.0.0.1, on the system's clock.
#[derive(Clone)]
pub struct Options {
    /// Where the server takes Access-Requests.
    pub server: SocketAddr,
    /// Where it takes accounting.
    pub accounting: SocketAddr,
    /// Where Disconnect- and CoA-Requests are taken; port 0 takes a free one.
    pub coa_addr: SocketAddr,
    /// Where actions are taken as lines of JSON, if they are. Whoever can connect there commands the NAS.
    pub control_addr: Option<SocketAddr>,
    /// What it is.
    pub identity: Identity,
    /// What happens by itself.
    pub scenario: Vec<Step<Action>>,
    /// How long a server that does not answer is waited for by the machine's own clock, whatever the NAS's clock says.
    pub patience: Duration,
    /// The NAS's clock, and where its random bytes come from.
    pub ambient: Ambient,
}

impl Options {
    /// A NAS that asks these ports of a server.
    #[must_use]
    pub fn asking(server: SocketAddr, accounting: SocketAddr) -> Self {
        Self {
            server,
            accounting,
            coa_addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            control_addr: None,
            identity: Identity::default(),
            scenario: Vec::new(),
            patience: Duration::from_secs(5),
            ambient: Ambient::system(),
        }
    }
}

/// A NAS that runs until it is shut down or dropped.
pub struct NasSimulator {
    coa_addr: SocketAddr,
    control_addr: Option<SocketAddr>,
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

/// The world behind its lock, and the ways out of it.
struct Shared {
    world: Mutex<World>,
    ambient: Ambient,
    patience: Duration,
    access: mpsc::UnboundedSender<Vec<u8>>,
    accounting: mpsc::UnboundedSender<Vec<u8>>,
    /// Counted up whenever something was heard.
    news: watch::Sender<u64>,
}

impl NasSimulator {
    /// Switches a NAS on. It listens when this returns.
    ///
    /// # Errors
    /// If an address cannot be listened on.
    pub async fn start(options: Options) -> Result<Self> {
        let Options { server, accounting, coa_addr, control_addr, identity, scenario, patience, ambient } =
            options;
        let to_server = connect(server).await?;
        let to_accounting = connect(accounting).await?;
        let incoming =
            UdpSocket::bind(coa_addr).await.with_context(|| format!("cannot listen on {coa_addr}"))?;
        let coa_addr = incoming.local_addr()?;
        let (access, access_queue) = mpsc::unbounded_channel();
        let (reports, reports_queue) = mpsc::unbounded_channel();
        let world = Mutex::new(World::new(identity, ambient.clone(), scenario));
        let news = watch::Sender::new(0);
        let shared = Arc::new(Shared { world, ambient, patience, access, accounting: reports, news });
        let mut tasks = JoinSet::new();
        tasks.spawn(send(to_server.clone(), access_queue));
        tasks.spawn(send(to_accounting.clone(), reports_queue));
        tasks.spawn(hear(to_server, shared.clone(), true));
        tasks.spawn(hear(to_accounting, shared.clone(), false));
        tasks.spawn(take_requests(incoming, shared.clone()));
        tasks.spawn(watch_time(shared.clone()));
        let mut control = None;
        if let Some(address) = control_addr {
            let listener = TcpListener::bind(address);
            let listener = listener.await.with_context(|| format!("cannot listen on {address}"))?;
            control = Some(listener.local_addr()?);
            tasks.spawn(control::serve(listener, shared.clone()));
        }
        Ok(Self { coa_addr, control_addr: control, shared, tasks })
    }

    /// Where Disconnect- and CoA-Requests are taken.
    #[must_use]
    pub fn coa_addr(&self) -> SocketAddr {
        self.coa_addr
    }

    /// Where actions are taken.
    #[must_use]
    pub fn control_addr(&self) -> Option<SocketAddr> {
        self.control_addr
    }

    /// Does something to the NAS or its world, waits until the server has answered, and tells what came of it: the
    /// address and session id of a sign-in, the state; else null.
    ///
    /// # Errors
    /// Why it could not be done: a refused sign-in, a silent server, somebody who is not online.
    pub async fn apply(&self, action: Action) -> Result<Value, ActionError> {
        self.shared.apply(action).await
    }

    /// The same, given as JSON.
    ///
    /// # Errors
    /// As [`Self::apply`], and [`ActionError::NotUnderstood`].
    pub async fn act(&self, action: &str) -> Result<Value, ActionError> {
        self.apply(Action::parse(action)?).await
    }

    /// Lets happen what is due by the NAS's clock, until the server has answered all that it was asked. After the
    /// clock was moved, this is what the NAS does meanwhile.
    pub async fn settle(&self) {
        self.shared.settle().await;
    }

    /// Who is online.
    #[must_use]
    pub fn online(&self) -> Vec<Online> {
        self.shared.up_to_date(|world| world.sessions.values().map(Online::from).collect())
    }

    /// Every session there was, as it truly was, oldest first.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account> {
        self.shared.up_to_date(|world| world.accounts())
    }

    /// What has come to the port for incoming requests.
    #[must_use]
    pub fn heard(&self) -> Heard {
        self.shared.world().heard
    }

    /// How many requests it gave up because nobody answered.
    #[must_use]
    pub fn given_up(&self) -> u64 {
        self.shared.world().given_up
    }

    /// Changes what it is: another secret, no Gigawords.
    pub fn change(&self, change: impl FnOnce(&mut Identity)) {
        self.shared.up_to_date(|world| change(&mut world.identity));
    }

    /// Switches the NAS off for good, and returns when its ports are free.
    pub async fn shut_down(mut self) {
        self.tasks.shutdown().await;
    }
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the world as it is now; what it has to say is sent.
    fn up_to_date<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        let now = self.ambient.now();
        let mut world = self.world();
        world.advance(now);
        let seen = look(&mut world);
        // What was just done may have to be said.
        world.advance(now);
        let outbox = world.take_outbox();
        // The lock is held, so that packets leave in their order. A receiver is gone only when the NAS is.
        outbox.access.into_iter().for_each(|packet| drop(self.access.send(packet)));
        outbox.accounting.into_iter().for_each(|packet| drop(self.accounting.send(packet)));
        seen
    }

    fn tell(&self) {
        self.news.send_modify(|news| *news += 1);
    }

    async fn settle(&self) {
        loop {
            self.up_to_date(|_| ());
            let mut news = self.news.subscribe();
            let quiet = news.wait_for(|_| self.world().is_quiet());
            if tokio::time::timeout(self.patience, quiet).await.is_err() {
                self.world().stop_expecting();
            }
            // An answer that was lost may have left something to be asked again, for which the time has come.
            if !self.world().is_due(self.ambient.now()) {
                return;
            }
        }
    }

    async fn apply(&self, action: Action) -> Result<Value, ActionError> {
        let applied = self.up_to_date(|world| world.apply(action))?;
        self.settle().await;
        match applied {
            Applied::Done(value) => Ok(value),
            Applied::Asked(attempt) => {
                let outcome: Option<SignedIn> = self.world().signed_in(attempt);
                let (address, session_id) = outcome.unwrap_or(Err(ActionError::Unanswered))?;
                Ok(json!({ "address": address.to_string(), "session_id": session_id }))
            }
        }
    }
}

impl Controlled for Shared {
    type Error = ActionError;

    async fn obey(&self, line: &str) -> Result<Value, ActionError> {
        self.apply(Action::parse(line)?).await
    }
}

/// A socket of its own for each port of the server, so that each has all identifiers.
async fn connect(server: SocketAddr) -> Result<Arc<UdpSocket>> {
    let any = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await.with_context(|| format!("no way to {server}"))?;
    Ok(Arc::new(socket))
}

async fn send(socket: Arc<UdpSocket>, mut queue: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(packet) = queue.recv().await {
        if let Err(error) = socket.send(&packet).await {
            // Nobody listens there, as an earlier packet has told: the packet is lost.
            warn!(%error, "a packet could not be sent");
        }
    }
}

async fn hear(socket: Arc<UdpSocket>, shared: Arc<Shared>, access: bool) {
    let mut buffer = [0; LARGEST];
    loop {
        if let Ok(length) = socket.recv(&mut buffer).await {
            shared.up_to_date(|world| world.take_answer(access, &buffer[..length]));
            shared.tell();
        } else {
            // Nobody listens there: no answer can come.
            shared.world().stop_expecting();
            shared.tell();
        }
    }
}

async fn take_requests(socket: UdpSocket, shared: Arc<Shared>) {
    let mut buffer = [0; LARGEST];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        let answer = shared.up_to_date(|world| world.take_request(from, &buffer[..length]));
        if let Some(answer) = answer
            && let Err(error) = socket.send_to(&answer, from).await
        {
            warn!(%error, %from, "an answer could not be sent");
        }
        shared.tell();
    }
}

/// Lets happen what is due even when nobody asks anything.
async fn watch_time(shared: Arc<Shared>) {
    let patience = u32::try_from(shared.patience.as_millis() / TICK.as_millis()).unwrap_or(u32::MAX);
    let mut ticks = tokio::time::interval(TICK);
    loop {
        ticks.tick().await;
        shared.up_to_date(|world| world.look(patience));
    }
}
