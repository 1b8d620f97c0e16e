//! `portal radius`: access by RADIUS.

use std::process::ExitCode;

use clap::Subcommand;

use crate::compose::Composition;

mod check_config;
mod nas;

/// Look after access by RADIUS.
#[derive(Debug, Subcommand)]
pub(super) enum Radius {
    /// Look after those who may ask the RADIUS server.
    #[command(subcommand)]
    Nas(nas::Nas),
    /// Look at FreeRADIUS's side: what is missing in the database, wrong in its tables or, with `--config`, in its files.
    /// Ends with 2 if something is wrong.
    CheckConfig(check_config::CheckConfig),
}

impl Radius {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        match self {
            Self::Nas(command) => command.run(portal, json).await,
            Self::CheckConfig(command) => command.run(portal, json).await,
        }
    }
}
