//! `portal hotspot`: Wi-Fi credentials.

use std::process::ExitCode;

use ::billing::queries::Scope;
use ::hotspot::{
    queries::HotspotUserFilter,
    use_cases::{ChangeUser, ExtendUser, Extension, MoveUser, ProvisionOrder},
};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use kernel::{Origin, PageRequest};
use serde::Serialize;

use super::{hotspot_plan, output};
use crate::compose::Composition;

pub(super) mod routers;

/// Look after Wi-Fi credentials.
#[derive(Debug, Subcommand)]
pub(super) enum Hotspot {
    /// Try again to make what a paid order owes. Safe to repeat.
    ProvisionOrder {
        /// The order's id or number.
        order: String,
    },
    /// Look after routers.
    #[command(subcommand)]
    Routers(routers::Routers),
    /// Switch an active hotspot user off. Its time runs on.
    Suspend(Change),
    /// Switch a suspended hotspot user on again.
    Resume(Change),
    /// Take a hotspot user back for good.
    Revoke(Change),
    /// Give a hotspot user more time; one that has expired comes back.
    Extend {
        #[command(flatten)]
        change: Change,
        /// So many minutes more.
        #[arg(long)]
        minutes: u32,
    },
    /// Move a hotspot user to another router.
    Move {
        #[command(flatten)]
        change: Change,
        /// The router's id or name.
        #[arg(long)]
        router: String,
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

/// Which hotspot user, and why.
#[derive(Debug, Args)]
pub(super) struct Change {
    /// The hotspot user's id or username.
    hotspot_user: String,
    /// Why, for the audit log.
    #[arg(long)]
    reason: Option<String>,
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
            Self::ProvisionOrder { order } => provision_order(portal, &order, &origin, json).await?,
            Self::Routers(command) => return command.run(portal, json).await,
            Self::Suspend(change) => {
                let command = change.command(portal).await?;
                services.hotspot.suspend_user(command, &origin).await?;
                output::line("suspended; a worker tells the router")?;
            }
            Self::Resume(change) => {
                let command = change.command(portal).await?;
                services.hotspot.resume_user(command, &origin).await?;
                output::line("active; a worker tells the router")?;
            }
            Self::Revoke(change) => {
                let command = change.command(portal).await?;
                services.hotspot.revoke_user(command, &origin).await?;
                output::line("revoked; a worker tells the router")?;
            }
            Self::Extend { change, minutes } => {
                let ChangeUser { hotspot_user_id, reason } = change.command(portal).await?;
                let command = ExtendUser { hotspot_user_id, by: Extension::Minutes(minutes), reason };
                services.hotspot.extend_user(command, &origin).await?;
                output::line(format_args!("{minutes} minutes more"))?;
            }
            Self::Move { change, router } => {
                let ChangeUser { hotspot_user_id, reason } = change.command(portal).await?;
                let routers = services.hotspot.list_routers(false).await?.into_iter();
                let mut routers = routers.map(|view| view.router);
                let to = routers.find(|to| to.name == router || to.id.to_string() == router);
                let router_id = to.with_context(|| format!("there is no router {router}"))?.id;
                let command = MoveUser { hotspot_user_id, router_id, reason };
                services.hotspot.move_user(command, &origin).await?;
                output::line("on its way; a worker tells both routers")?;
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

impl Change {
    async fn command(self, portal: &Composition) -> anyhow::Result<ChangeUser> {
        let hotspot = &portal.background.hotspot;
        let wanted = &self.hotspot_user;
        let found = match wanted.parse() {
            Ok(id) => hotspot.find_user(id).await?,
            Err(_) => {
                let filter = HotspotUserFilter { username: Some(wanted.clone()), ..Default::default() };
                let users = hotspot.list_users(&filter, PageRequest::new(1, 100)).await?.items;
                users.into_iter().find(|user| user.username == *wanted)
            }
        };
        let hotspot_user_id = found.with_context(|| format!("there is no hotspot user {wanted}"))?.id;
        Ok(ChangeUser { hotspot_user_id, reason: self.reason })
    }
}

async fn provision_order(
    portal: &Composition,
    order: &str,
    origin: &Origin,
    json: bool,
) -> anyhow::Result<()> {
    let services = &portal.background;
    let found = services.billing.order(Scope::All, order).await?;
    let order_id = found.with_context(|| format!("there is no order {order}"))?.order.id;
    let done = services.hotspot.provision_order(ProvisionOrder { order_id }, origin).await?;
    let done =
        Provisioned { prepared: done.prepared, tried_again: done.tried_again, left_alone: done.left_alone };
    output::print(json, &done, |done| {
        let mut table = output::table(["prepared", "tried again", "left alone"]);
        table.add_row([done.prepared, done.tried_again, done.left_alone]);
        table
    })
}
