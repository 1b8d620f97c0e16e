//! `simulators nas`: its arguments, and a run until it is interrupted.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use tracing::info;

use super::identity::Identity;
use super::simulator::{NasSimulator, Options};
use crate::scenario;

const MORE: &str = r#"Actions, one JSON object per line, on the control port and (with "at", the time since the start) in a scenario:
  {"do":"sign-in","user":"amina","password":"p","method":"chap","upload_kbps":64,"download_kbps":512}
  {"at":"30s","do":"traffic","user":"amina","upload_kbps":0,"download_kbps":2000}
  {"do":"transfer","user":"amina","upload_bytes":1000,"download_bytes":50000000}
  {"do":"report","user":"amina"}  {"do":"sign-out","user":"amina"}  {"do":"state"}
  {"do":"reboot","orderly":false,"silent":false}  {"do":"reuse-session-ids"}
  {"do":"fault","packets":"stop","user":"amina","effect":"lose","times":1}
  {"do":"weather","lose":10,"lose_answer":5,"repeat":5,"hold":5,"seed":7}
  {"do":"release"}  {"do":"heal"}
  {"do":"obedience","how":"obey"}  {"do":"obedience","how":"refuse","cause":503}
Packets of a fault: any, access, start, interim, stop, restart. Effects: lose, lose-answer, repeat, hold (behind the
next one; "release" sends it). Obedience to Disconnect- and CoA-Requests: obey, ignore, pretend (ACK, and the session
goes on), refuse.

  echo '{"do":"state"}' | nc -q1 127.0.0.1 8731"#;

/// RouterOS's default (manual: `/radius timeout`).
const PATIENCE: Duration = Duration::from_millis(1_100);

/// Whom the NAS asks and how it behaves.
#[derive(clap::Args)]
#[command(after_help = MORE)]
pub struct Args {
    /// Where the RADIUS server takes Access-Requests.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:1812")]
    server: SocketAddr,
    /// Where it takes accounting.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:1813")]
    acct: SocketAddr,
    /// Where Disconnect- and CoA-Requests are taken.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3799")]
    coa_addr: SocketAddr,
    /// Where actions are taken, one JSON object per line. Keep it on this machine: it asks for no password.
    #[arg(long, value_name = "ADDRESS")]
    control_addr: Option<SocketAddr>,
    /// What the NAS and the server share.
    #[arg(long, default_value = "secret", hide_default_value = true)]
    secret: String,
    /// The NAS-Identifier.
    #[arg(long, default_value = "MikroTik")]
    identifier: String,
    /// The NAS-IP-Address.
    #[arg(long, default_value = "127.0.0.1")]
    nas_ip: Ipv4Addr,
    /// Seconds between reports of a session for which the server names none.
    #[arg(long, value_name = "SECONDS")]
    interim: Option<u32>,
    /// Counters without Gigawords: they begin anew at 4 GiB.
    #[arg(long)]
    no_gigawords: bool,
    /// Reports without the Class that the server gave.
    #[arg(long)]
    no_class: bool,
    /// Access-Requests without a Message-Authenticator, as RouterOS sent them before 7.15.
    #[arg(long)]
    no_message_authenticator: bool,
    /// Answers to Disconnect- and CoA-Requests have a Message-Authenticator.
    #[arg(long)]
    sign_answers: bool,
    /// Repeated reports say how late they are (Acct-Delay-Time).
    #[arg(long)]
    tell_delay: bool,
    /// A file of actions that happen by themselves.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
}

/// Runs a NAS until it is interrupted.
///
/// # Errors
/// If the scenario makes no sense or an address cannot be listened on.
pub async fn run(args: Args) -> Result<()> {
    let scenario = args.scenario.as_deref().map(scenario::read).transpose()?.unwrap_or_default();
    let identity = Identity {
        name: args.identifier,
        address: args.nas_ip,
        secret: args.secret,
        gigawords: !args.no_gigawords,
        repeats_class: !args.no_class,
        message_authenticator: !args.no_message_authenticator,
        signs_answers: args.sign_answers,
        tells_delay: args.tell_delay,
        interim_seconds: args.interim,
    };
    let options = Options {
        coa_addr: args.coa_addr,
        control_addr: args.control_addr,
        identity,
        scenario,
        patience: PATIENCE,
        ..Options::asking(args.server, args.acct)
    };
    let simulator = NasSimulator::start(options).await?;
    info!(server = %args.server, accounting = %args.acct, coa = %simulator.coa_addr(), "NAS");
    if let Some(addr) = simulator.control_addr() {
        info!(%addr, "control");
    }
    tokio::signal::ctrl_c().await?;
    simulator.shut_down().await;
    Ok(())
}
