//! `bench sell`: whole sales, from the order to the credentials, by one customer and by many at once, on each
//! database. The figures of a round come from a portal and a database that nobody has used before.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

use crate::{
    customer::Customer,
    database::{DISK, Engine, FreshDatabase},
    figures::{Spread, mean, per_second},
    machine,
    portal::Portal,
    report,
};

/// How many customers buy at once, and how many orders they place together.
const ROUNDS: [(usize, u32); 2] = [(1, 50), (16, 400)];

/// What a round has shown.
pub(crate) struct Round {
    /// The database, with its version.
    pub(crate) database: String,
    /// How many customers bought at once.
    pub(crate) clients: usize,
    /// How many orders they placed together.
    pub(crate) orders: u32,
    /// How many were sold per second.
    pub(crate) orders_per_second: f64,
    /// From the payment's success until the credentials were sent.
    pub(crate) to_credentials: Spread,
    /// The most memory that the portal held, in KiB, where the system tells.
    pub(crate) peak_memory: Option<u64>,
    /// How many plain commits per second the same database took from as many clients.
    pub(crate) commits_per_second: f64,
}

/// Runs every round on SQLite, and on PostgreSQL if there is one.
pub(crate) async fn run(portal: &Path, postgres: Option<String>) -> Result<String> {
    let engines: Vec<_> = [Engine::Sqlite].into_iter().chain(postgres.map(Engine::Postgres)).collect();
    for engine in &engines {
        engine.must_be_durable().await?;
    }
    let machine = machine::description();
    let mut rounds = Vec::new();
    for engine in &engines {
        for (clients, orders) in ROUNDS {
            rounds.push(round(portal, engine, clients, orders).await?);
        }
    }
    Ok(report::of_sales(&machine, &rounds))
}

async fn round(binary: &Path, engine: &Engine, clients: usize, orders: u32) -> Result<Round> {
    let version = engine.version().await?;
    eprintln!("{version}, {clients} clients, {orders} orders");
    let folder = tempfile::tempdir_in(DISK).context("a folder for the benchmark")?;
    let database = engine.create(folder.path()).await?;
    let round = measure(binary, &database, folder.path(), clients, orders).await;
    database.discard().await?;
    Ok(Round { database: version, ..round? })
}

async fn measure(
    binary: &Path,
    database: &FreshDatabase,
    folder: &Path,
    clients: usize,
    orders: u32,
) -> Result<Round> {
    let before = database.plain_commits_per_second(clients).await?;
    let portal = Portal::start(binary, &database.url, folder, &[]).await?;
    let (times, took) = sell(&portal, clients, orders).await.with_context(|| portal.last_words())?;
    portal.verify_ledger().await?;
    let peak_memory = portal.peak_memory();
    portal.stop().await?;
    let after = database.plain_commits_per_second(clients).await?;
    Ok(Round {
        database: String::new(),
        clients,
        orders,
        orders_per_second: per_second(orders, took),
        to_credentials: Spread::of(times).context("nothing was sold")?,
        peak_memory,
        commits_per_second: mean(before, after),
    })
}

/// Has customers buy until all orders are placed. First each buys once unmeasured, so that connections are open
/// and statements prepared. Gives the time of each order from payment to credentials, and the time of all.
async fn sell(portal: &Portal, clients: usize, orders: u32) -> Result<(Vec<Duration>, Duration)> {
    let placed = Arc::new(AtomicU32::new(0));
    let mut customers = JoinSet::new();
    for number in 0..clients {
        let customer = Customer::sign_in(portal.base.clone(), number).await?;
        let number = placed.fetch_add(1, Ordering::Relaxed);
        customers.spawn(async move {
            customer.buy(number, 1).await?;
            anyhow::Ok(customer)
        });
    }
    let customers: Vec<Customer> = customers.join_all().await.into_iter().collect::<Result<_>>()?;
    let end = placed.load(Ordering::Relaxed) + orders;
    let started = Instant::now();
    let mut sales = JoinSet::new();
    for customer in customers {
        let placed = placed.clone();
        sales.spawn(async move {
            let mut times = Vec::new();
            loop {
                let number = placed.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return anyhow::Ok(times);
                }
                times.push(customer.buy(number, 1).await?);
            }
        });
    }
    let times: Vec<Vec<Duration>> = sales.join_all().await.into_iter().collect::<Result<_>>()?;
    Ok((times.concat(), started.elapsed()))
}
