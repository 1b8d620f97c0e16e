//! `portal hotspot plan` and `apply`: what routers should have and have not.

use std::process::ExitCode;

use ::hotspot::{
    desired_state::{Action, Drift},
    use_cases::{CompareRouterError, RouterComparison},
};
use anyhow::ensure;
use clap::Args;
use kernel::Origin;
use serde::Serialize;

use super::output;
use crate::compose::Composition;

/// Which routers are meant.
#[derive(Debug, Args)]
pub(super) struct Routers {
    /// Only the router of this name.
    #[arg(long)]
    router: Option<String>,
}

/// What was found of one router.
#[derive(Serialize)]
struct Found {
    router: String,
    /// Why it could not be compared.
    error: Option<String>,
    changes: Vec<Line>,
    /// Names of ours that somebody else's user has: a person has to free them.
    taken: Vec<String>,
    /// Users that the portal did not make.
    unknown: Vec<String>,
}

/// What is to be done about one name.
#[derive(Serialize)]
struct Line {
    username: String,
    action: &'static str,
    drift: Vec<&'static str>,
}

impl Routers {
    /// Compares, and prints what would be done. Exits with 1 when a router could not be asked.
    pub(super) async fn plan(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        let comparisons = self.compare(portal).await?;
        print(&comparisons, json)
    }

    /// The same, and sends it to the workers.
    pub(super) async fn apply(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        let comparisons = self.compare(portal).await?;
        let (origin, mut changes) = (Origin::system("cli"), 0);
        for (_, comparison) in &comparisons {
            if let Ok(comparison) = comparison {
                portal.background.hotspot.apply_comparison(comparison, &origin).await?;
                changes += comparison.plan.changes.len();
            }
        }
        let code = print(&comparisons, json)?;
        eprintln!("{changes} changes; a worker makes them");
        Ok(code)
    }

    async fn compare(
        self,
        portal: &Composition,
    ) -> anyhow::Result<Vec<(String, Result<RouterComparison, CompareRouterError>)>> {
        let hotspot = &portal.background.hotspot;
        let routers = hotspot.routers_looked_after(self.router.as_deref()).await?;
        ensure!(!routers.is_empty(), "there is no router {}", self.router.as_deref().unwrap_or("in use"));
        let mut comparisons = Vec::new();
        for router in routers {
            comparisons.push((router.name.clone(), hotspot.compare_router(router).await));
        }
        Ok(comparisons)
    }
}

fn print(
    comparisons: &[(String, Result<RouterComparison, CompareRouterError>)],
    json: bool,
) -> anyhow::Result<ExitCode> {
    let found: Vec<_> = comparisons.iter().map(found).collect();
    output::print(json, &found, |found| {
        let mut table = output::table(["router", "name", "action", "what differs"]);
        for router in found {
            for line in &router.changes {
                table.add_row([&router.router, &line.username, line.action, &line.drift.join(", ")]);
            }
            for name in &router.taken {
                table.add_row([&router.router, name, "none", "somebody else has this name"]);
            }
            for name in &router.unknown {
                table.add_row([&router.router, name, "none", "not made by the portal"]);
            }
            if let Some(error) = &router.error {
                table.add_row([&router.router, "", "", error]);
            }
        }
        table
    })?;
    let all_asked = found.iter().all(|router| router.error.is_none());
    Ok(if all_asked { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn found((router, comparison): &(String, Result<RouterComparison, CompareRouterError>)) -> Found {
    let router = router.clone();
    let plan = match comparison {
        Ok(comparison) => &comparison.plan,
        Err(error) => {
            let (error, nothing) = (Some(error.to_string()), Vec::new());
            return Found { router, error, changes: Vec::new(), taken: Vec::new(), unknown: nothing };
        }
    };
    let changes = plan.changes.iter().map(|change| Line {
        username: change.username.clone(),
        action: change.action.as_str(),
        drift: match &change.action {
            Action::Correct(drifts) => drifts.iter().copied().map(Drift::as_str).collect(),
            Action::Create | Action::Remove(_) => Vec::new(),
        },
    });
    Found {
        router,
        error: None,
        changes: changes.collect(),
        taken: plan.taken.iter().map(|(_, name)| name.clone()).collect(),
        unknown: plan.unknown.iter().map(|(name, _)| name.clone()).collect(),
    }
}
