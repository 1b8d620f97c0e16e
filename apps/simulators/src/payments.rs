//! A payment gateway on the wire.

use anyhow::bail;

/// Where the gateways are to be and how they behave.
#[derive(clap::Args)]
pub struct Args {}

/// Runs until it is interrupted.
///
/// # Errors
/// There are no gateways to simulate yet.
pub async fn run(_args: Args) -> anyhow::Result<()> {
    bail!("no payment gateway is simulated yet")
}
