//! `bench router`: hotspot users onto routers, and routers read, through the portal's real adapter and by the plainest
//! client beside it. Routers are simulators, each a process of its own; so is whoever talks to them.

mod adapter;
pub(crate) mod errand;
mod order;
mod plain;
mod report;
mod simulated;
mod sync;

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};

use self::{
    errand::{Client, Errand, Outcome, Work},
    order::Order,
    simulated::SimulatedRouters,
    sync::Sync,
};
use crate::{
    database::Engine,
    figures::{median, per_second},
    machine,
};

/// How long routers take for every command, in milliseconds, and how many users they get: none, so that what is
/// measured is the work, and about what a router far away takes.
const DISTANCES: [(u64, u32); 2] = [(0, 4000), (10, 300)];
/// How many routers share the users.
const ROUTERS: [usize; 2] = [1, 10];
/// Who puts the users there.
const CLIENTS: [Client; 4] = [
    Client::Plain,
    Client::Adapter { at_once: 1 },
    Client::Adapter { at_once: 8 },
    Client::Adapter { at_once: 32 },
];
/// How often each is measured, in turn with the others: the figure in the middle counts.
const REPEATS: usize = 3;
/// What is on the router that is read.
const USERS: u32 = 5000;
/// How many of them have signed in.
const SESSIONS: u32 = 1000;
/// How often it is read.
const READINGS: u32 = 11;

/// How quickly users got onto routers.
pub(super) struct Provisioning {
    /// How many routers shared them.
    routers: usize,
    /// Milliseconds that each command took.
    distance: u64,
    /// How many users there were.
    users: u32,
    /// By whom.
    client: Client,
    /// Users per second, in the middle.
    rate: f64,
    /// The slowest and the fastest.
    range: [f64; 2],
    /// Seconds on a core for a user, in the middle, where the system tells.
    on_cores: Option<f64>,
    /// The most memory of the process, in KiB, before and after.
    memory: [Option<u64>; 2],
}

/// How quickly a router was read.
pub(super) struct Reading {
    /// What was read.
    what: &'static str,
    /// By whom.
    client: Client,
    /// Seconds, in the middle and the longest.
    seconds: [f64; 2],
    /// Seconds on a core, on average, where the system tells.
    on_cores: Option<f64>,
    /// The most memory of the process, in KiB, before and after.
    memory: [Option<u64>; 2],
}

/// Runs everything: first the adapter beside the plain client, then the portal as a whole on each database.
pub(crate) async fn run(portal: &Path, simulators: &Path, postgres: Option<String>) -> Result<String> {
    let machine = machine::description();
    let mut provisionings = Vec::new();
    for (distance, users) in DISTANCES {
        for routers in ROUTERS {
            provisionings.extend(provision(simulators, routers, distance, users).await?);
        }
    }
    let readings = read(simulators).await?;
    let (mut orders, mut syncs) = (Vec::new(), Vec::new());
    for engine in [Engine::Sqlite].into_iter().chain(postgres.map(Engine::Postgres)) {
        engine.must_be_durable().await?;
        orders.push(Order::run(portal, simulators, &engine).await?);
        syncs.push(Sync::run(portal, simulators, &engine).await?);
    }
    Ok(report::of_routers(&machine, &provisionings, &readings, &report::OfPortal { orders, syncs }))
}

/// Every client in turn, on new routers each time.
async fn provision(
    simulators: &Path,
    routers: usize,
    distance: u64,
    users: u32,
) -> Result<Vec<Provisioning>> {
    let mut outcomes: Vec<(Client, Vec<Outcome>)> = CLIENTS.map(|client| (client, Vec::new())).into();
    for _ in 0..REPEATS {
        for (client, outcomes) in &mut outcomes {
            eprintln!("{users} users onto {routers} routers at {distance} ms: {client:?}");
            let mut simulated = SimulatedRouters::start(simulators, routers).await?;
            simulated.delay(distance).await?;
            let ports = simulated.ports.clone();
            let errand = Errand { client: *client, work: Work::Provision { users }, ports };
            outcomes.push(errand.run().await?);
            let found = simulated.users().await?;
            ensure!(found == u64::from(users), "{errand:?}: the routers have {found} users");
        }
    }
    let summary = |(client, outcomes): (Client, Vec<Outcome>)| {
        let times = outcomes.iter().flat_map(|outcome| &outcome.times);
        let rates: Vec<f64> = times.map(|time| per_second(users, *time)).collect();
        let fastest = rates.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let slowest = rates.iter().copied().fold(f64::INFINITY, f64::min);
        let rate = median(rates).context("nothing was measured")?;
        let on_cores = median(outcomes.iter().filter_map(|outcome| on_cores(outcome, users)).collect());
        let (range, memory) = ([slowest, fastest], memory(&outcomes));
        Ok(Provisioning { routers, distance, users, client, rate, range, on_cores, memory })
    };
    outcomes.into_iter().map(summary).collect()
}

/// A router with many users and sessions, read by both clients.
async fn read(simulators: &Path) -> Result<Vec<Reading>> {
    let mut simulated = SimulatedRouters::start(simulators, 1).await?;
    let ports = simulated.ports.clone();
    let fill = Errand { client: Client::Plain, work: Work::Provision { users: USERS }, ports };
    fill.run().await?;
    for user in errand::new_users(fill.work).iter().take(usize::try_from(SESSIONS)?) {
        simulated.sign_in(&user.name, user.password.reveal()).await?;
    }
    let mut readings = Vec::new();
    for (what, work, rows) in [
        ("users", Work::ListUsers { times: READINGS }, USERS),
        ("sessions", Work::ListSessions { times: READINGS }, SESSIONS),
    ] {
        for client in [Client::Plain, Client::Adapter { at_once: 1 }] {
            eprintln!("{rows} {what}: {client:?}");
            let outcome = Errand { client, work, ports: fill.ports.clone() }.run().await?;
            // The plain client leaves the router's own trial user among the rows.
            let trial = usize::from(client == Client::Plain && what == "users");
            ensure!(outcome.rows == usize::try_from(rows)? + trial, "{} {what} were read", outcome.rows);
            let times: Vec<f64> = outcome.times.iter().map(|time| time.as_secs_f64()).collect();
            let longest = times.iter().copied().fold(0.0, f64::max);
            let seconds = [median(times).context("nothing was read")?, longest];
            let on_cores = on_cores(&outcome, READINGS);
            readings.push(Reading { what, client, seconds, on_cores, memory: memory(&[outcome]) });
        }
    }
    Ok(readings)
}

/// Seconds on a core for each of so many.
fn on_cores(outcome: &Outcome, count: u32) -> Option<f64> {
    Some((Duration::from_nanos(outcome.on_cores?) / count).as_secs_f64())
}

/// The most memory of several, in KiB, before and after.
fn memory(outcomes: &[Outcome]) -> [Option<u64>; 2] {
    [
        outcomes.iter().filter_map(|outcome| outcome.memory_before).max(),
        outcomes.iter().filter_map(|outcome| outcome.peak_memory).max(),
    ]
}
