//! `portal hotspot`: Wi-Fi credentials.

use std::process::ExitCode;

use ::billing::queries::Scope;
use ::hotspot::use_cases::ProvisionOrder;
use anyhow::Context as _;
use clap::Subcommand;
use kernel::Origin;
use serde::Serialize;

use super::{hotspot_plan, output};
use crate::compose::Composition;

/// Look after Wi-Fi credentials.
#[derive(Debug, Subcommand)]
pub(super) enum Hotspot {
    /// Try again to make what a paid order owes. Safe to repeat.
    ProvisionOrder {
        /// The order's id or number.
        order: String,
    },
    /// Have workers ask every router who is online.
    SyncSessions,
    /// Have workers compare every router's users and blocks with what they should be, and set right what differs.
    SyncUsers,
    /// Show what routers should have and have not, and what would be done about it. Changes nothing.
    Plan(hotspot_plan::Routers),
    /// The same, and have workers do it.
    Apply(hotspot_plan::Routers),
    /// End the hotspot users whose time is over.
    ExpireUsers {
        /// At most so many.
        #[arg(long, default_value_t = 500)]
        limit: u64,
    },
}

#[derive(Serialize)]
struct Provisioned {
    prepared: usize,
    tried_again: usize,
    left_alone: usize,
}

impl Hotspot {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        let services = &portal.background;
        let origin = Origin::system("cli");
        match self {
            Self::ProvisionOrder { order } => {
                let found = services.billing.order(Scope::All, &order).await?;
                let order_id = found.with_context(|| format!("there is no order {order}"))?.order.id;
                let done = services.hotspot.provision_order(ProvisionOrder { order_id }, &origin).await?;
                let done = Provisioned {
                    prepared: done.prepared,
                    tried_again: done.tried_again,
                    left_alone: done.left_alone,
                };
                output::print(json, &done, |done| {
                    let mut table = output::table(["prepared", "tried again", "left alone"]);
                    table.add_row([done.prepared, done.tried_again, done.left_alone]);
                    table
                })?;
            }
            Self::SyncSessions => {
                let routers = services.hotspot.sync_sessions().await?;
                output::line(format_args!("{routers} routers to be asked; a worker does it"))?;
            }
            Self::SyncUsers => {
                services.hotspot.sync_blocks().await?;
                let routers = services.hotspot.sync_users().await?;
                output::line(format_args!("{routers} routers to be compared; a worker does it"))?;
            }
            Self::Plan(routers) => return routers.plan(portal, json).await,
            Self::Apply(routers) => return routers.apply(portal, json).await,
            Self::ExpireUsers { limit } => {
                let expired = services.hotspot.expire_users(limit, &origin).await?;
                output::line(format_args!(
                    "{} hotspot users ended; a worker takes them off their routers",
                    expired.ended
                ))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
