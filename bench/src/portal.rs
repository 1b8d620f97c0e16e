//! The portal under measurement: the release binary as a process, with the settings that it ships with.

use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use tokio::process::{Child, Command};

use crate::machine;

/// How long the portal may take to start.
const START: Duration = Duration::from_secs(60);

/// A running portal; ended with this value.
pub(crate) struct Portal {
    /// Where it answers.
    pub(crate) base: String,
    binary: PathBuf,
    settings: Vec<(String, String)>,
    folder: PathBuf,
    process: Child,
}

impl Portal {
    /// Starts the demonstration on a database, with its fake world and its log in `folder` and with settings of the
    /// benchmark's own, and waits until it answers.
    pub(crate) async fn start(
        binary: &Path,
        database_url: &str,
        folder: &Path,
        own: &[(&str, String)],
    ) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut settings = settings(database_url, folder, port);
        settings.extend(own.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let log = File::create(folder.join("portal.log")).context("the portal's log")?;
        let process = command(binary, &settings, folder)
            .args(["serve", "--demo"])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let base = format!("http://127.0.0.1:{port}");
        let (binary, folder) = (binary.to_owned(), folder.to_owned());
        let mut portal = Self { base, binary, settings, folder, process };
        portal.wait_until_ready().await?;
        Ok(portal)
    }

    /// The most memory it has held so far, in KiB, where the system tells.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        self.process.id().and_then(machine::peak_memory)
    }

    /// That the books are right after all the haste.
    pub(crate) async fn verify_ledger(&self) -> Result<()> {
        self.command(&["billing", "verify-ledger"]).await.context("the ledger is not sound")
    }

    /// Runs a command of the portal beside it, in a process of its own.
    pub(crate) async fn command(&self, arguments: &[&str]) -> Result<()> {
        let mut process = command(&self.binary, &self.settings, &self.folder);
        let output = process.args(arguments).output().await?;
        let said = [output.stdout, output.stderr].concat();
        ensure!(output.status.success(), "{arguments:?} fails:\n{}", String::from_utf8_lossy(&said));
        Ok(())
    }

    /// Ends it, so that the database is nobody else's.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.process.kill().await.context("the portal does not end")
    }

    /// The end of its log, for the message when something goes wrong.
    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("portal.log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        format!("the portal's log ends:\n{}", lines[lines.len().saturating_sub(20)..].join("\n"))
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let (started, ready) = (Instant::now(), format!("{}/health/ready", self.base));
        while !reqwest::get(&ready).await.is_ok_and(|answer| answer.status() == 200) {
            let runs = self.process.try_wait()?.is_none() && started.elapsed() < START;
            ensure!(runs, "the portal does not start; {}", self.last_words());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

fn command(binary: &Path, settings: &[(String, String)], folder: &Path) -> Command {
    let mut command = Command::new(binary);
    let settings = settings.iter().map(|(name, value)| (name, value));
    command.env_clear().envs(settings).current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// The defaults, but for where things are, limits that one machine with all customers on it would meet, and tasks
/// by the clock, which would come into one round and not into another.
fn settings(database_url: &str, folder: &Path, port: u16) -> Vec<(String, String)> {
    let mut settings = vec![
        ("APP_ENV".to_owned(), "test".to_owned()),
        ("DATABASE_URL".to_owned(), database_url.to_owned()),
        ("FAKE_WORLD_PATH".to_owned(), folder.join("fake-world").display().to_string()),
        ("HTTP_ADDR".to_owned(), format!("127.0.0.1:{port}")),
    ];
    let limits = [
        "RATE_LIMIT_USER",
        "RATE_LIMIT_AUTH",
        "RATE_LIMIT_GUEST",
        "PUSH_LIMIT_PER_NUMBER_HOUR",
        "PUSH_LIMIT_PER_IP_HOUR",
    ];
    settings.extend(limits.map(|name| (name.to_owned(), "1000000".to_owned())));
    let tasks = [
        "RECONCILE_PAYMENTS",
        "EXPIRE_USERS",
        "SYNC_SESSIONS",
        "SYNC_USERS",
        "CHECK_ROUTERS",
        "EXPIRE_ORDERS",
        "DISPATCH_NOTIFICATIONS",
        "PRUNE_LOGS",
        "SEAL_AUDIT",
    ];
    settings.extend(tasks.map(|task| (format!("CRON_{task}"), "0 0 1 1 *".to_owned())));
    settings
}
