//! The portal as a whole beside a router with thousands of its users: who is online, and who is missing.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use super::{SESSIONS, USERS, order::UNITS, plain::PlainClient, simulated::SimulatedRouters};
use crate::{
    customer::Customer,
    database::{DISK, Engine, FreshDatabase},
    portal::Portal,
};

/// How many users the router loses.
pub(super) const LOST: u32 = 100;
/// The pause between two looks.
pub(super) const LOOK: Duration = Duration::from_millis(20);
/// The longest that something may take before the benchmark gives up: much longer than it ever does.
const PATIENCE: Duration = Duration::from_secs(300);

/// How the portal kept up.
pub(super) struct Sync {
    /// The database, with its version.
    pub(super) database: String,
    /// How many users the router has.
    pub(super) users: u32,
    /// From the command until the portal knew all sessions.
    pub(super) sessions: Duration,
    /// From the command until the router had all users again.
    pub(super) back: Duration,
    /// The most memory of the portal before both and after them, in KiB, where the system tells.
    pub(super) memory: [Option<u64>; 2],
}

impl Sync {
    /// Fills a router by selling, then has the portal look at it.
    pub(super) async fn run(portal: &Path, simulators: &Path, engine: &Engine) -> Result<Self> {
        let version = engine.version().await?;
        eprintln!("a router with {USERS} users on {version}");
        let folder = tempfile::tempdir_in(DISK).context("a folder for the benchmark")?;
        let database = engine.create(folder.path()).await?;
        let sync = measure(portal, simulators, &database, folder.path()).await;
        database.discard().await?;
        Ok(Self { database: version, ..sync? })
    }
}

async fn measure(binary: &Path, simulators: &Path, database: &FreshDatabase, folder: &Path) -> Result<Sync> {
    let mut router = SimulatedRouters::start(simulators, 1).await?;
    let portal = Portal::start(binary, &database.url, folder, &router.settings()?).await?;
    let customer = Customer::sign_in(portal.base.clone(), 0).await?;
    for number in 0..USERS.div_ceil(UNITS) {
        customer.buy(number, UNITS).await.with_context(|| portal.last_words())?;
    }
    let users = router.users().await?;
    ensure!(users == u64::from(USERS), "the router has {users} users");
    let before = portal.peak_memory();

    let mut plain = PlainClient::connect(*router.ports.first().context("no router")?)?;
    let credentials = plain.credentials("HS")?;
    let (online, offline) = credentials.split_at(usize::try_from(SESSIONS)?);
    for [name, password] in online {
        router.sign_in(name, password).await?;
    }
    let admin = Customer::sign_in_as_admin(portal.base.clone()).await?;
    let started = Instant::now();
    portal.command(&["hotspot", "sync-sessions"]).await?;
    while admin.count("/api/v1/admin/sessions").await? < u64::from(SESSIONS) {
        look_again(started, &portal).await?;
    }
    let sessions = started.elapsed();

    for [name, _] in offline.iter().take(usize::try_from(LOST)?) {
        router.remove(name).await?;
    }
    let started = Instant::now();
    portal.command(&["hotspot", "sync-users"]).await?;
    while router.users().await? < users {
        look_again(started, &portal).await?;
    }
    let back = started.elapsed();
    let memory = [before, portal.peak_memory()];
    portal.verify_ledger().await?;
    portal.stop().await?;
    Ok(Sync { database: String::new(), users: USERS, sessions, back, memory })
}

async fn look_again(started: Instant, portal: &Portal) -> Result<()> {
    ensure!(started.elapsed() < PATIENCE, "nothing comes of it; {}", portal.last_words());
    tokio::time::sleep(LOOK).await;
    Ok(())
}
