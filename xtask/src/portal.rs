//! The portal's binary, and the portal running on a database of its own.

use std::env::consts::EXE_SUFFIX;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::workspace::{FEATURES, cargo, target};
use crate::{http, process};

const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Builds the portal as `cargo run` does, which shares what that has compiled already.
pub(crate) fn build() -> Result<PathBuf> {
    process::run(cargo().args(["build", "--package", "portal"]))?;
    Ok(binary("debug", "portal"))
}

/// Builds the portal as it is deployed, and the simulators that it is measured against.
pub(crate) fn build_release() -> Result<[PathBuf; 2]> {
    process::run(cargo().args(["build", "--release", "--package", "portal"]))?;
    process::run(cargo().args(["build", "--release", "--package", "simulators"]))?;
    Ok(["portal", "simulators"].map(|name| binary("release", name)))
}

/// Builds everything that the tests need, and returns the portal with crash points.
///
/// `--all-targets` because the tests' own dependencies switch features on in the crates that they share with the
/// portal: building the portal alone would compile those crates twice.
pub(crate) fn build_workspace() -> Result<PathBuf> {
    process::run(cargo().args(["build", "--workspace", "--all-targets"]).args(FEATURES))?;
    copy_of(&binary("debug", "portal"))
}

fn binary(profile: &str, name: &str) -> PathBuf {
    target().join(profile).join(format!("{name}{EXE_SUFFIX}"))
}

/// A copy, since a `cargo run` or `cargo build` during the tests replaces the original by one without crash points.
fn copy_of(portal: &Path) -> Result<PathBuf> {
    let directory = target().join("xtask");
    let copy = directory.join(format!("portal{EXE_SUFFIX}"));
    let fresh = directory.join(format!("portal-{}{EXE_SUFFIX}", std::process::id()));
    fs::create_dir_all(&directory)
        .and_then(|()| fs::copy(portal, &fresh))
        .and_then(|_| fs::rename(&fresh, &copy)) // a running copy cannot be written to, only replaced
        .with_context(|| format!("cannot copy {}", portal.display()))?;
    Ok(copy)
}

/// A portal that serves the demo data from a new SQLite database. Dropping it ends it and deletes its world.
pub(crate) struct Serving {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What lifts its rate limits, sent as `X-Rate-Limit-Bypass`.
    pub(crate) bypass_token: &'static str,
    process: Child,
    log: PathBuf,
    _home: TempDir,
}

impl Serving {
    /// Starts the portal, with its output in the file `log`, and waits until it is ready.
    pub(crate) fn start(portal: &Path, log: PathBuf) -> Result<Self> {
        Self::with(portal, log, &[])
    }

    /// The same, with some settings of its own.
    pub(crate) fn with(portal: &Path, log: PathBuf, settings: &[(&str, String)]) -> Result<Self> {
        let home = tempfile::tempdir().context("cannot make a directory for the portal")?;
        let address = http::free_address()?;
        let bypass_token = "a-token-for-one-throw-away-portal";
        let output = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let database = format!("sqlite://{}?mode=rwc", home.path().join("portal.db").display());
        let process = Command::new(portal)
            .args(["serve", "--demo"])
            .current_dir(home.path())
            .env("HTTP_ADDR", address.to_string())
            .env("DATABASE_URL", database)
            .env("RATE_LIMIT_BYPASS_TOKEN", bypass_token)
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("cannot start {}", portal.display()))?;
        let mut serving = Self { address, bypass_token, process, log, _home: home };
        serving.wait_until_ready()?;
        Ok(serving)
    }

    /// The access token of a demo account.
    pub(crate) fn log_in(&self, login: &str, password: &str) -> Result<String> {
        let credentials = serde_json::json!({ "login": login, "password": password });
        let answer = http::post(self.address, "/api/v1/auth/login", &credentials.to_string())?;
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let token = body.pointer("/data/access_token").and_then(serde_json::Value::as_str);
        token
            .map(str::to_owned)
            .with_context(|| format!("{login} cannot log in: {} {}", answer.status, answer.body))
    }

    /// Fails if the portal has ended by itself.
    pub(crate) fn must_still_run(&mut self) -> Result<()> {
        match self.process.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("the portal ended ({status}){}", self.last_words()),
        }
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < START_TIMEOUT {
            self.must_still_run()?;
            if http::get(self.address, "/health/ready").is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("the portal was not ready within {START_TIMEOUT:?}{}", self.last_words());
    }

    fn last_words(&self) -> String {
        format!("; {} ends:\n{}", self.log.display(), process::tail(&self.log))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
