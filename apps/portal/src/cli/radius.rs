//! `portal radius`: access by RADIUS.

use std::process::ExitCode;

use clap::Subcommand;

use crate::compose::Composition;

mod check_config;
mod explain;
mod nas;
mod sync;

/// Look after access by RADIUS.
#[derive(Debug, Subcommand)]
pub(super) enum Radius {
    /// Look after those who may ask the RADIUS server.
    #[command(subcommand)]
    Nas(nas::Nas),
    /// Look at FreeRADIUS's side: what is missing in the database, wrong in its tables or, with `--config`, in its files.
    /// Ends with 2 if something is wrong.
    CheckConfig(check_config::CheckConfig),
    /// Give the groups and users of FreeRADIUS's tables the rows that the settings of now have. For after a change of
    /// `RADIUS_VENDOR` or `RADIUS_PASSWORD_FORM`; safe to repeat.
    Sync(sync::Sync),
    /// Say whether a user would get in now with the right password, with which replies, and if not, why.
    Explain(explain::Explain),
}

impl Radius {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        match self {
            Self::Nas(command) => command.run(portal, json).await,
            Self::CheckConfig(command) => command.run(portal, json).await,
            Self::Sync(command) => command.run(portal, json).await,
            Self::Explain(command) => command.run(portal, json).await,
        }
    }
}
