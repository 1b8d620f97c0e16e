//! `portal seed`: what a new database begins with.

use std::process::ExitCode;

use clap::Args;

use super::output;
use crate::{compose::Composition, startup};

/// Put the first packages and the first admin into the database.
#[derive(Debug, Args)]
pub(super) struct Seed {
    /// The first admin's email address.
    #[arg(long, default_value = "admin@hotspot.invalid")]
    admin: String,
    /// Make the demonstration's accounts with their published password instead. Never in production.
    #[arg(long)]
    demo: bool,
}

impl Seed {
    pub(super) async fn run(self, portal: &Composition) -> anyhow::Result<ExitCode> {
        startup::bring_schema_up_to_date(portal, false).await?;
        startup::ensure_foundations(portal).await?;
        if self.demo {
            portal.settings.permit_demo()?;
            startup::seed_demo(portal).await?;
            output::line(format_args!("demonstration accounts: {}", startup::DEMO_LOGINS.join(", ")))?;
            return Ok(ExitCode::SUCCESS);
        }
        match startup::seed(portal, &self.admin).await? {
            Some(admin) => {
                output::line(format_args!(
                    "admin {} has the password {} (shown this once)",
                    admin.login, admin.password
                ))?;
            }
            None => output::line(format_args!("{} has an account already: nothing changed", self.admin))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
