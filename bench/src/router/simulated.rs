//! Simulated routers, each a process of its own: what they need is not counted with what talks to them.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

/// The account on every router.
pub(super) const USER: &str = "admin";
/// Its password.
pub(super) const PASSWORD: &str = "secret";

/// How long a router may take to start.
const START: Duration = Duration::from_secs(30);

/// Routers that run until they are dropped.
pub(super) struct SimulatedRouters {
    /// Where their APIs listen.
    pub(super) ports: Vec<u16>,
    controls: Vec<Control>,
    /// Ended with this value.
    _processes: Vec<Child>,
}

impl SimulatedRouters {
    /// Starts so many, and waits until they can be told something.
    pub(super) async fn start(binary: &Path, count: usize) -> Result<Self> {
        let mut processes = Vec::new();
        // All at once, so that no two are the same.
        let listeners: Vec<TcpListener> =
            (0..2 * count).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).collect::<Result<_, _>>()?;
        let ports: Vec<u16> =
            listeners.iter().map(|it| Ok(it.local_addr()?.port())).collect::<Result<_>>()?;
        drop(listeners);
        let (apis, controls) = ports.split_at(count);
        for (api, control) in apis.iter().zip(controls) {
            let process = Command::new(binary)
                .arg("routeros")
                .args([
                    "--addr",
                    &format!("127.0.0.1:{api}"),
                    "--control-addr",
                    &format!("127.0.0.1:{control}"),
                ])
                .args(["--user", USER, "--password", PASSWORD])
                .env_clear()
                .env("RUST_LOG", "warn")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .with_context(|| format!("cannot start {}", binary.display()))?;
            processes.push(process);
        }
        let ports = apis.to_vec();
        let mut connected = Vec::new();
        for control in controls {
            connected.push(Control::connect(*control).await?);
        }
        Ok(Self { ports, controls: connected, _processes: processes })
    }

    /// The settings that make the first the portal's default router.
    pub(super) fn settings(&self) -> Result<[(&'static str, String); 5]> {
        Ok([
            ("MIKROTIK_FAKE", "false".to_owned()),
            ("MIKROTIK_HOST", Ipv4Addr::LOCALHOST.to_string()),
            ("MIKROTIK_PORT", self.ports.first().context("no router")?.to_string()),
            ("MIKROTIK_USERNAME", USER.to_owned()),
            ("MIKROTIK_PASSWORD", PASSWORD.to_owned()),
        ])
    }

    /// Has every router take so long for every command.
    pub(super) async fn delay(&mut self, milliseconds: u64) -> Result<()> {
        for control in &mut self.controls {
            control.tell(&json!({ "do": "delay", "ms": milliseconds })).await?;
        }
        Ok(())
    }

    /// Signs a user in on the first router.
    pub(super) async fn sign_in(&mut self, user: &str, password: &str) -> Result<()> {
        let control = self.controls.first_mut().context("no router")?;
        control.tell(&json!({ "do": "sign-in", "user": user, "password": password })).await.map(drop)
    }

    /// Takes a user off the first router.
    pub(super) async fn remove(&mut self, user: &str) -> Result<()> {
        let control = self.controls.first_mut().context("no router")?;
        let words = ["/ip/hotspot/user/remove".to_owned(), format!("=numbers={user}")];
        control.tell(&json!({ "do": "command", "words": words })).await.map(drop)
    }

    /// How many users all of them have, beside those that they come with.
    pub(super) async fn users(&mut self) -> Result<u64> {
        let mut count = 0;
        for control in &mut self.controls {
            let state = control.tell(&json!({ "do": "state" })).await?;
            let users = state["users"].as_u64().context("a state without users")?;
            count += users.checked_sub(1).context("the trial user is missing")?;
        }
        Ok(count)
    }
}

/// A connection to the control port of a router.
struct Control(BufReader<TcpStream>);

impl Control {
    async fn connect(port: u16) -> Result<Self> {
        let started = Instant::now();
        loop {
            match TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    return Ok(Self(BufReader::new(stream)));
                }
                Err(error) if started.elapsed() > START => {
                    return Err(error).context("a simulated router does not start");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// Has something done, and gives what came of it.
    async fn tell(&mut self, action: &Value) -> Result<Value> {
        self.0.get_mut().write_all(format!("{action}\n").as_bytes()).await?;
        let mut answer = String::new();
        self.0.read_line(&mut answer).await?;
        let mut answer: Value = serde_json::from_str(&answer).context("the router's control port")?;
        ensure!(answer["ok"] == true, "the simulated router refuses: {answer}");
        Ok(answer["result"].take())
    }
}
