//! The portal as a whole: one large order onto a router, and what the process needs for it.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};

use super::{
    errand::{Client, Errand, Work},
    simulated::SimulatedRouters,
};
use crate::{
    customer::Customer,
    database::{DISK, Engine, FreshDatabase},
    figures::mean,
    portal::Portal,
};

/// The largest order that there can be.
pub(super) const UNITS: u32 = 100;

/// How an order went.
pub(super) struct Order {
    /// The database, with its version.
    pub(super) database: String,
    /// How many units it had.
    pub(super) units: u32,
    /// From the payment's success until the last credentials were sent.
    pub(super) took: Duration,
    /// How long the plain client takes to put as many users onto such a router.
    pub(super) plainly: Duration,
    /// How many plain commits per second the same database took.
    pub(super) commits_per_second: f64,
    /// The most memory of the portal before the order and after it, in KiB, where the system tells.
    pub(super) memory: [Option<u64>; 2],
}

impl Order {
    /// Buys it from a new portal on a new database.
    pub(super) async fn run(portal: &Path, simulators: &Path, engine: &Engine) -> Result<Self> {
        let version = engine.version().await?;
        eprintln!("an order of {UNITS} units on {version}");
        let folder = tempfile::tempdir_in(DISK).context("a folder for the benchmark")?;
        let database = engine.create(folder.path()).await?;
        let order = buy(portal, simulators, &database, folder.path()).await;
        database.discard().await?;
        Ok(Self { database: version, ..order? })
    }
}

async fn buy(binary: &Path, simulators: &Path, database: &FreshDatabase, folder: &Path) -> Result<Order> {
    let commits_before = database.plain_commits_per_second(1).await?;
    let mut router = SimulatedRouters::start(simulators, 1).await?;
    let portal = Portal::start(binary, &database.url, folder, &router.settings()?).await?;
    let customer = Customer::sign_in(portal.base.clone(), 0).await?;
    // One that does not count, so that connections are open and statements prepared.
    customer.buy(0, 1).await.with_context(|| portal.last_words())?;
    let before = portal.peak_memory();
    let took = customer.buy(1, UNITS).await.with_context(|| portal.last_words())?;
    let memory = [before, portal.peak_memory()];
    portal.verify_ledger().await?;
    portal.stop().await?;
    let commits_per_second = mean(commits_before, database.plain_commits_per_second(1).await?);
    let found = router.users().await?;
    ensure!(found == u64::from(UNITS) + 1, "the router has {found} users");

    let routers = SimulatedRouters::start(simulators, 1).await?;
    let ports = routers.ports.clone();
    let plain = Errand { client: Client::Plain, work: Work::Provision { users: UNITS }, ports };
    let plainly = *plain.run().await?.times.first().context("nothing was measured")?;
    Ok(Order { database: String::new(), units: UNITS, took, plainly, commits_per_second, memory })
}
