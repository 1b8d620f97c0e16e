//! `portal radius sync`: FreeRADIUS's tables as the settings have them.

use std::process::ExitCode;

use ::radius::use_cases::SyncedDirectory;
use clap::Args;
use kernel::Origin;
use serde::Serialize;

use super::super::output;
use crate::compose::Composition;

/// Bring FreeRADIUS's tables up to date with the settings.
#[derive(Debug, Args)]
pub(in crate::cli) struct Sync {
    /// Only count what would be changed.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Synced {
    dry_run: bool,
    groups_changed: u64,
    users_looked_at: u64,
    users_changed: u64,
    users_put_out: u64,
    users_not_opened: u64,
}

impl Sync {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        let radius = &portal.background.radius;
        let found: SyncedDirectory = radius.sync_directory(self.dry_run, &Origin::system("cli")).await?;
        let synced = Synced {
            dry_run: self.dry_run,
            groups_changed: found.groups_changed,
            users_looked_at: found.looked_at,
            users_changed: found.changed,
            users_put_out: found.put_out,
            users_not_opened: found.unopened,
        };
        output::print(json, &synced, |synced| {
            let (changed, put_out) = if synced.dry_run {
                ("to be changed", "to be put out: the tables cannot carry them")
            } else {
                ("changed", "put out: the tables cannot carry them")
            };
            let mut table = output::table(["what", "how many"]);
            for (what, many) in [
                (format!("groups {changed}"), synced.groups_changed),
                ("users looked at".to_owned(), synced.users_looked_at),
                (format!("users {changed}"), synced.users_changed),
                (format!("users {put_out}"), synced.users_put_out),
                ("users left as they are: their secret does not open".to_owned(), synced.users_not_opened),
            ] {
                table.add_row([what, many.to_string()]);
            }
            table
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
