//! `portal radius`: access by RADIUS.

use std::process::ExitCode;

use clap::Subcommand;

use crate::compose::Composition;

mod nas;

/// Look after access by RADIUS.
#[derive(Debug, Subcommand)]
pub(super) enum Radius {
    /// Look after those who may ask the RADIUS server.
    #[command(subcommand)]
    Nas(nas::Nas),
}

impl Radius {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        match self {
            Self::Nas(command) => command.run(portal, json).await,
        }
    }
}
