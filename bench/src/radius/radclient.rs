//! The client: FreeRADIUS's own `radclient`, the same for every server.

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use super::campus::{name, secret};
use crate::figures::per_second;

/// What the client and the servers share.
pub(super) const SECRET: &str = "Xq7-lorry-Anchor-42-pebble";
/// How many requests are on their way at once.
pub(super) const AT_ONCE: u32 = 64;

/// How many users ask.
pub(super) const ASKING: u32 = 4_000;

/// What is asked of a server, by one packet for each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An Access-Request by PAP.
    Login,
    /// The accounting of a session, which begins, is reported on, and ends.
    Start,
    Interim,
    Stop,
}

/// All of them, in the order in which they come.
pub(super) const KINDS: [Kind; 4] = [Kind::Login, Kind::Start, Kind::Interim, Kind::Stop];

/// A client, with a folder for its packets.
pub(super) struct RadClient<'a> {
    pub(super) program: &'a Path,
    pub(super) folder: PathBuf,
}

impl RadClient<'_> {
    /// Sends each user's packet. Says how many were answered per second; all of them have to be, with a yes.
    ///
    /// Sessions of different rounds have different ids.
    pub(super) async fn ask(&self, kind: Kind, round: usize, server: SocketAddr) -> Result<f64> {
        let file = self.folder.join(format!("{kind:?}-{round}"));
        fs::write(&file, packets(kind, round)).context("the packets")?;
        let what = if kind == Kind::Login { "auth" } else { "acct" };
        let mut radclient = Command::new(self.program);
        radclient.args(["-q", "-s", "-c", "1", "-r", "3", "-t", "10", "-p", &AT_ONCE.to_string(), "-f"]);
        radclient.arg(&file).args([&server.to_string(), what, SECRET]);
        let started = Instant::now();
        let output = radclient.stdin(Stdio::null()).output().await.context("radclient")?;
        let took = started.elapsed();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let accepted =
            said.lines().find_map(|line| line.trim().strip_prefix("Accepted")?.trim().strip_prefix(':'));
        let accepted = accepted.and_then(|count| count.trim().parse::<u32>().ok());
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(accepted == Some(ASKING), "{kind:?}: not everybody was answered with a yes: {said}{errors}");
        Ok(per_second(ASKING, took))
    }
}

fn packets(kind: Kind, round: usize) -> String {
    let mut packets = String::new();
    for number in 0..ASKING {
        let [high, low] = [number >> 8, number & 0xFF];
        let common = format!(
            "User-Name = \"{}\"\nNAS-IP-Address = 10.20.0.1\nNAS-Port = {number}\n\
             Calling-Station-Id = \"02:00:5E:00:{high:02X}:{low:02X}\"\nFramed-IP-Address = 10.5.{high}.{low}\n",
            name(number)
        );
        let own = match kind {
            Kind::Login => format!("User-Password = \"{}\"\nMessage-Authenticator = 0x00\n", secret(number)),
            Kind::Start => accounting(round, number, "Start", 0),
            Kind::Interim => accounting(round, number, "Interim-Update", 300),
            Kind::Stop => accounting(round, number, "Stop", 600),
        };
        // Writing to a string does not fail.
        let _ = writeln!(packets, "{common}{own}");
    }
    packets
}

fn accounting(round: usize, number: u32, status: &str, seconds: u32) -> String {
    format!(
        "Acct-Status-Type = {status}\nAcct-Session-Id = \"{round}-{number}\"\nAcct-Session-Time = {seconds}\n\
         Acct-Input-Octets = {}\nAcct-Output-Octets = {}\n",
        seconds * 1_000,
        seconds * 10_000
    )
}
