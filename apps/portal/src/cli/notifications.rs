//! `portal notifications`: messages.

use std::process::ExitCode;

use clap::Subcommand;
use serde::Serialize;

use super::output;
use crate::compose::Composition;

/// Look after messages.
#[derive(Debug, Subcommand)]
pub(super) enum Notifications {
    /// Pick up messages that nobody is sending.
    DispatchPending {
        /// At most so many.
        #[arg(long)]
        batch_size: Option<u32>,
    },
}

#[derive(Serialize)]
struct PickedUp {
    messages: u32,
}

impl Notifications {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        let Self::DispatchPending { batch_size } = self;
        let batch = batch_size.unwrap_or(portal.settings.messages.dispatch_batch);
        let messages = portal.background.notifications.dispatch_pending(batch).await?;
        output::print(json, &PickedUp { messages }, |picked_up| {
            let mut table = output::table(["messages picked up"]);
            table.add_row([picked_up.messages]);
            table
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
