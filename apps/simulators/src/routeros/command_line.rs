//! `simulators routeros`: its arguments, and a run until it is interrupted.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;
use kernel::Ambient;
use tracing::info;

use super::simulator::{Options, RouterSimulator};
use super::version::Version;
use crate::scenario;

const MORE: &str = r#"Actions, one JSON object per line, on the control port and (with "at", the time since the start) in a scenario:
  {"do":"command","words":["/ip/hotspot/user/add","=name=amina","=password=p"]}
  {"do":"sign-in","user":"amina","password":"p","upload_kbps":64,"download_kbps":512}
  {"at":"30s","do":"traffic","user":"amina","upload_kbps":0,"download_kbps":2000}
  {"do":"transfer","user":"amina","upload_bytes":1000,"download_bytes":50000000}
  {"do":"sign-out","user":"amina"}
  {"do":"reboot"}  {"do":"down"}  {"do":"up"}  {"do":"cut"}  {"do":"mute","on":true}
  {"do":"delay","ms":500}  {"do":"room","users":100}  {"do":"heal"}  {"do":"state"}
  {"do":"fault","command":"/ip/hotspot/user/add","name":"amina","effect":"refuse","text":"failure: no","times":1}
Effects of a fault: refuse, fatal, cut (not done); lose-answer, never-answer, half-answer, trickle, garbage,
huge-word, endless-sentence, endless-rows (done). "command" is how commands begin, "name" whom they are about,
"times" how often it happens; each may be left out.

  echo '{"do":"state"}' | nc -q1 127.0.0.1 8730"#;

/// Where the router is to be and how it behaves.
#[derive(clap::Args)]
#[command(after_help = MORE)]
pub struct Args {
    /// Where the plain API listens.
    #[arg(long, default_value = "127.0.0.1:8728")]
    addr: SocketAddr,
    /// Where the API listens with TLS, with a certificate made at start; its SHA-256 is printed.
    #[arg(long)]
    tls_addr: Option<SocketAddr>,
    /// Where actions are taken, one JSON object per line. Keep it on this machine: it asks for no password.
    #[arg(long)]
    control_addr: Option<SocketAddr>,
    /// The API's user.
    #[arg(long, default_value = "admin")]
    user: String,
    /// The API user's password.
    #[arg(long, default_value = "secret", hide_default_value = true)]
    password: String,
    /// Which RouterOS it is: 7.18 says `!empty`, before 7.10 dates are like jul/14/2023, before 6.43 login wants MD5.
    #[arg(long, default_value = "7.18")]
    version: Version,
    /// What the router calls itself.
    #[arg(long, default_value = "MikroTik")]
    identity: String,
    /// A file of actions that happen by themselves.
    #[arg(long)]
    scenario: Option<PathBuf>,
}

/// Runs a router until it is interrupted.
///
/// # Errors
/// If the scenario makes no sense or an address cannot be listened on.
pub async fn run(args: Args) -> Result<()> {
    let Args { addr, tls_addr, control_addr, user, password, version, identity, scenario } = args;
    let scenario = scenario.as_deref().map(scenario::read).transpose()?.unwrap_or_default();
    let ambient = Ambient::system();
    let options =
        Options { addr, tls_addr, control_addr, user, password, version, identity, scenario, ambient };
    let simulator = RouterSimulator::start(options).await?;
    info!(addr = %simulator.addr(), %version, "RouterOS API");
    if let (Some(addr), Some(certificate)) = (simulator.tls_addr(), simulator.certificate()) {
        info!(%addr, sha256 = certificate.sha256, "RouterOS API with TLS");
    }
    if let Some(addr) = simulator.control_addr() {
        info!(%addr, "control");
    }
    tokio::signal::ctrl_c().await?;
    simulator.shut_down().await;
    Ok(())
}
