//! A RouterOS router on the wire.

use anyhow::bail;

/// Where the router is to be and how it behaves.
#[derive(clap::Args)]
pub struct Args {}

/// Runs until it is interrupted.
///
/// # Errors
/// There is no router to simulate yet.
pub async fn run(_args: Args) -> anyhow::Result<()> {
    bail!("no router is simulated yet")
}
