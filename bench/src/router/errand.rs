//! One piece of work on routers, done in a process of its own so that its memory is nobody else's.

use std::{
    env,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use hotspot::{credentials::WifiPassword, hotspot_user::Marker, ports::WantedUser};
use kernel::{AccessPolicy, Ambient, Id, events::Contact};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use super::{adapter::Adapter, plain::PlainClient};
use crate::machine;

/// What is to be done, and by whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Errand {
    /// Who does it.
    pub(super) client: Client,
    /// What is done.
    pub(super) work: Work,
    /// The routers, by the ports of their APIs.
    pub(super) ports: Vec<u16>,
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Client {
    /// The plain client, one thing after the other.
    Plain,
    /// The portal's adapter, so many units at once.
    Adapter { at_once: usize },
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Work {
    /// New users are put onto the routers in turn.
    Provision { users: u32 },
    /// All users are listed, so many times.
    ListUsers { times: u32 },
    /// All sessions are listed, so many times.
    ListSessions { times: u32 },
}

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// How long it took, each time.
    pub(super) times: Vec<Duration>,
    /// How many rows the last list had; of new users none.
    pub(super) rows: usize,
    /// How long the process's threads were on a core for it, in nanoseconds, all times together.
    pub(super) on_cores: Option<u64>,
    /// The most memory that the process had held before, logged in, in KiB.
    pub(super) memory_before: Option<u64>,
    /// The same when it was done.
    pub(super) peak_memory: Option<u64>,
}

/// How the process stood when it began.
struct Before {
    memory: Option<u64>,
    on_cores: Option<u64>,
}

impl Before {
    fn now() -> Self {
        Self { memory: machine::peak_memory(std::process::id()), on_cores: machine::time_on_cores() }
    }

    fn outcome(self, times: Vec<Duration>, rows: usize) -> Outcome {
        let after = Self::now();
        let on_cores = after.on_cores.zip(self.on_cores).map(|(after, before)| after.saturating_sub(before));
        Outcome { times, rows, on_cores, memory_before: self.memory, peak_memory: after.memory }
    }
}

impl Errand {
    /// Has a process of its own do it.
    pub(super) async fn run(&self) -> Result<Outcome> {
        let mut process = Command::new(env::current_exe()?);
        process.args(["router-errand", &serde_json::to_string(self)?]).stdin(Stdio::null());
        let output = process.stderr(Stdio::inherit()).kill_on_drop(true).output().await?;
        ensure!(output.status.success(), "{self:?} fails");
        serde_json::from_slice(&output.stdout).context("the errand's outcome")
    }
}

/// Does an errand that is given as JSON, in this process, and gives its outcome as JSON.
pub(crate) async fn run_here(errand: &str) -> Result<String> {
    let Errand { client, work, ports } = serde_json::from_str(errand).context("the errand")?;
    let outcome = match client {
        Client::Plain => by_plain_clients(work, &ports)?,
        Client::Adapter { at_once } => by_adapter(work, &ports, at_once).await?,
    };
    Ok(serde_json::to_string(&outcome)?)
}

async fn by_adapter(work: Work, ports: &[u16], at_once: usize) -> Result<Outcome> {
    let adapter = Adapter::connect(ports).await?;
    let new = new_users(work);
    let (before, mut times, mut rows) = (Before::now(), Vec::new(), 0);
    match work {
        Work::Provision { .. } => {
            let started = Instant::now();
            adapter.provision(new, at_once).await?;
            times.push(started.elapsed());
        }
        Work::ListUsers { times: count } | Work::ListSessions { times: count } => {
            for _ in 0..count {
                let started = Instant::now();
                rows = match work {
                    Work::ListUsers { .. } => adapter.users().await?,
                    _ => adapter.sessions().await?,
                };
                times.push(started.elapsed());
            }
        }
    }
    Ok(before.outcome(times, rows))
}

fn by_plain_clients(work: Work, ports: &[u16]) -> Result<Outcome> {
    let mut clients: Vec<_> = ports.iter().map(|port| PlainClient::connect(*port)).collect::<Result<_>>()?;
    let new = new_users(work);
    let (before, mut times, mut rows) = (Before::now(), Vec::new(), 0);
    match work {
        Work::Provision { .. } => {
            let (started, count) = (Instant::now(), clients.len());
            for client in &mut clients {
                client.add_profile()?;
            }
            for (number, user) in new.iter().enumerate() {
                clients.get_mut(number % count).context("no router")?.add(user)?;
            }
            times.push(started.elapsed());
        }
        Work::ListUsers { times: count } | Work::ListSessions { times: count } => {
            for _ in 0..count {
                let started = Instant::now();
                rows = 0;
                for client in &mut clients {
                    rows += match work {
                        Work::ListUsers { .. } => client.users()?.len(),
                        _ => client.sessions()?.len(),
                    };
                }
                times.push(started.elapsed());
            }
        }
    }
    Ok(before.outcome(times, rows))
}

/// The users to provision, with the same names and passwords each time.
pub(super) fn new_users(work: Work) -> Vec<WantedUser> {
    let Work::Provision { users } = work else { return Vec::new() };
    let ambient = Ambient::system();
    let policy =
        AccessPolicy { upload_kbps: Some(1024), download_kbps: Some(4096), ..AccessPolicy::default() };
    let user = |number: u32| WantedUser {
        name: format!("HS{number:015}"),
        password: WifiPassword::from_opened(format!("pass{number:06}")),
        marker: Marker::of(Id::generate(&ambient), 1),
        contact: Contact::default(),
        policy: policy.clone(),
    };
    (0..users).map(user).collect()
}
