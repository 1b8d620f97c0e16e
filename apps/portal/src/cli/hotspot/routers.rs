//! `portal hotspot routers`: which there are, how they are, and whether they can be reached.

use std::process::ExitCode;

use ::hotspot::{Router, queries::RouterView};
use anyhow::Context as _;
use clap::Subcommand;
use kernel::{Origin, Timestamp};
use serde::Serialize;

use super::super::output;
use crate::compose::Composition;

/// Look after routers.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Routers {
    /// List the routers, how they were found last, and how many hotspot users are on them.
    List {
        /// Those out of use as well.
        #[arg(long)]
        retired: bool,
    },
    /// Connect to a router now and say what came of it. Ends with 2 when it does not answer.
    Test {
        /// The router's id or name.
        router: String,
    },
}

/// A router on one line.
#[derive(Serialize)]
pub(in crate::cli) struct Line {
    id: String,
    name: String,
    way: String,
    state: &'static str,
    users: u64,
    last_seen: Option<Timestamp>,
    failures: u32,
    breaker: &'static str,
    last_error: Option<String>,
}

#[derive(Serialize)]
struct Tested {
    router: String,
    ping_ms: Option<u128>,
    identity: Option<String>,
    version: Option<String>,
    error: Option<String>,
}

impl Routers {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        match self {
            Self::List { retired } => {
                let lines = lines(portal, retired).await?;
                output::print(json, &lines, |lines| table(lines))?;
                Ok(ExitCode::SUCCESS)
            }
            Self::Test { router } => test(portal, &router, json).await,
        }
    }
}

/// The routers, each on one line.
pub(in crate::cli) async fn lines(portal: &Composition, retired: bool) -> anyhow::Result<Vec<Line>> {
    let routers = portal.background.hotspot.list_routers(retired).await?;
    Ok(routers.into_iter().map(Line::from).collect())
}

/// The lines as a table.
pub(in crate::cli) fn table(lines: &[Line]) -> comfy_table::Table {
    let mut table =
        output::table(["router", "way", "state", "users", "last seen", "failures", "breaker", "last error"]);
    for line in lines {
        table.add_row([
            line.name.clone(),
            line.way.clone(),
            line.state.to_owned(),
            line.users.to_string(),
            output::moment(line.last_seen),
            line.failures.to_string(),
            line.breaker.to_owned(),
            line.last_error.clone().unwrap_or_default(),
        ]);
    }
    table
}

async fn test(portal: &Composition, wanted: &str, json: bool) -> anyhow::Result<ExitCode> {
    let hotspot = &portal.background.hotspot;
    let fits = |router: &Router| router.name == wanted || router.id.to_string() == wanted;
    let found = hotspot.list_routers(false).await?.into_iter().find(|view| fits(&view.router));
    let router = found.with_context(|| format!("there is no router {wanted}"))?.router;
    let test = hotspot.test_router(router.id, &Origin::system("cli")).await?;
    let answer = test.with_context(|| format!("there is no router {wanted}"))?.answer;
    let (error, answer) = (answer.as_ref().err().map(ToString::to_string), answer.ok());
    let (round_trip, identity) = answer.unzip();
    let (identity, version) = identity.map(|identity| (identity.name, identity.version)).unzip();
    let ping_ms = round_trip.map(|time| time.as_millis());
    let tested = Tested { router: router.name, ping_ms, identity, version, error };
    output::print(json, &tested, |tested| {
        let mut table = output::table(["router", "ping", "identity", "version", "error"]);
        table.add_row([
            tested.router.clone(),
            tested.ping_ms.map(|ping| format!("{ping} ms")).unwrap_or_default(),
            tested.identity.clone().unwrap_or_default(),
            tested.version.clone().unwrap_or_default(),
            tested.error.clone().unwrap_or_default(),
        ]);
        table
    })?;
    Ok(if tested.error.is_none() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

impl From<RouterView> for Line {
    fn from(view: RouterView) -> Self {
        let RouterView { router, health, users } = view;
        let state = match &router {
            Router { retired_at: Some(_), .. } => "retired",
            Router { enabled: false, .. } => "disabled",
            Router { is_default: true, .. } => "default",
            _ => "in use",
        };
        let access = &router.access;
        Self {
            id: router.id.to_string(),
            way: format!("{} {}:{} tls {}", access.mode, access.host, access.port, access.tls.as_str()),
            name: router.name,
            state,
            users,
            last_seen: health.last_seen_at,
            failures: health.failures,
            breaker: health.breaker.as_str(),
            last_error: health.last_error.map(|(_, error)| error),
        }
    }
}
