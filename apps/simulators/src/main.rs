//! The command line of the simulators: one subcommand for each part of the outside world.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use simulators::{nas, payments, routeros};
use tracing_subscriber::EnvFilter;

/// The outside world for development and tests, each part with its true wire protocol.
#[derive(Parser)]
#[command(name = "simulators", version, about)]
struct Cli {
    #[command(subcommand)]
    simulator: Simulator,
}

#[derive(Subcommand)]
enum Simulator {
    /// A MikroTik router with a HotSpot, on the RouterOS API.
    Routeros(Box<routeros::Args>),
    /// Payment gateways, on their HTTP interfaces.
    Payments(Box<payments::Args>),
    /// A MikroTik router as a RADIUS client: it signs people in, reports what they use, takes Disconnect and CoA.
    Nas(Box<nas::Args>),
}

#[tokio::main]
async fn main() -> ExitCode {
    start_logging();
    let outcome = match Cli::parse().simulator {
        Simulator::Routeros(args) => routeros::run(*args).await,
        Simulator::Payments(args) => payments::run(*args).await,
        Simulator::Nas(args) => nas::run(*args).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("simulators: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Lines for a developer on standard error; `RUST_LOG` chooses how much.
fn start_logging() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let ansi = io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(ansi)
        .compact()
        .init();
}
