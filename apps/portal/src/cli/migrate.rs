//! `portal migrate`: the database's schema.

use std::process::ExitCode;

use clap::Subcommand;
use serde::Serialize;

use super::output;
use crate::compose::Composition;

/// Change the database's schema, or look at it.
#[derive(Debug, Subcommand)]
pub(super) enum Migrate {
    /// Apply every step that is missing.
    Up,
    /// Undo the last steps, with the data in them. For development.
    Down {
        /// How many steps.
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// Show every step.
    Status,
}

#[derive(Serialize)]
struct Step {
    name: String,
    applied: bool,
}

impl Migrate {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        let database = &portal.background.database;
        match self {
            Self::Up => database.migrate_up().await?,
            Self::Down { steps } => {
                let production = portal.settings.app.environment == crate::config::Environment::Production;
                anyhow::ensure!(!production, "production goes forward only: write a new step instead");
                database.migrate_down(steps).await?;
            }
            Self::Status => {}
        }
        let steps = database.migration_status().await?;
        let steps: Vec<_> = steps.into_iter().map(|(name, applied)| Step { name, applied }).collect();
        output::print(json, &steps, |steps| {
            let mut table = output::table(["step", "applied"]);
            for step in steps {
                table.add_row([step.name.as_str(), if step.applied { "yes" } else { "no" }]);
            }
            table
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
