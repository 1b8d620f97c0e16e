//! `portal status`: how things stand, on one screen.

use std::{collections::BTreeMap, io, process::ExitCode};

use billing::guess::GuessCount;
use chrono::Duration;
use kernel::{EventPayload as _, Timestamp, events::alert::AlertRaised};
use serde::Serialize;

use super::{hotspot::routers, output};
use crate::compose::Composition;

/// More open tasks or alerts than this are not listed.
const LISTED: u64 = 20;

#[derive(Serialize)]
struct Status {
    database: &'static str,
    counts: Vec<Count>,
    queues: Vec<Queue>,
    routers: Vec<routers::Line>,
    radius_servers: Vec<RadiusServer>,
    dead_jobs: usize,
    tasks: Vec<Line>,
    alerts: Vec<Line>,
    login_locks: u64,
    guesses: Vec<Guesses>,
}

#[derive(Serialize)]
struct Count {
    what: &'static str,
    status: String,
    count: u64,
}

#[derive(Serialize)]
struct Queue {
    queue: &'static str,
    due: u64,
    later: u64,
    oldest: Option<Timestamp>,
}

/// A RADIUS server of the portal's own that ran in the last 24 hours.
#[derive(Serialize)]
struct RadiusServer {
    auth_address: String,
    started_at: Timestamp,
    seen_at: Timestamp,
    packets: BTreeMap<String, u64>,
}

/// Wrong order tokens and voucher codes of the last 24 hours.
#[derive(Serialize)]
struct Guesses {
    guessed: &'static str,
    guesses: u64,
    sources: u64,
}

/// An open task or a recent alert.
#[derive(Serialize)]
struct Line {
    at: Timestamp,
    code: String,
    message: String,
}

pub(super) async fn run(portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
    let status = gather(portal).await?;
    let quiet = status.alerts.is_empty() && status.tasks.is_empty() && status.dead_jobs == 0;
    if json {
        output::line(serde_json::to_string_pretty(&status)?)?;
    } else {
        print(&status)?;
    }
    // For scripts: 2 says that somebody should look.
    Ok(if quiet { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

async fn gather(portal: &Composition) -> anyhow::Result<Status> {
    let services = &portal.background;
    let database = &services.database;
    let counts = database.status_counts().await?.into_iter();
    let backlog = database.backlog().await?.into_iter();
    let since = portal.ambient.now() - Duration::hours(24);
    let mut alerts = Vec::new();
    for event in database.latest_events(AlertRaised::TYPE, since, LISTED).await? {
        if let Some(alert) = event.payload_as::<AlertRaised>()? {
            alerts.push(Line { at: event.occurred_at, code: alert.code, message: alert.message });
        }
    }
    let tasks = services.billing.open_tasks(LISTED).await?.into_iter();
    Ok(Status {
        database: if database.is_sqlite() { "SQLite" } else { "PostgreSQL" },
        counts: counts
            .map(|count| Count { what: count.what, status: count.status, count: count.count })
            .collect(),
        queues: backlog
            .map(|queue| Queue {
                queue: queue.queue.as_str(),
                due: queue.due,
                later: queue.later,
                oldest: queue.oldest,
            })
            .collect(),
        routers: routers::lines(portal, false).await?,
        radius_servers: services
            .radius
            .servers()
            .await?
            .into_iter()
            .map(|server| RadiusServer {
                auth_address: server.auth_address,
                started_at: server.started_at,
                seen_at: server.seen_at,
                packets: server.counts,
            })
            .collect(),
        dead_jobs: database.dead_jobs(1000).await?.len(),
        tasks: tasks
            .map(|task| Line {
                at: task.opened_at,
                code: task.kind.as_str().to_owned(),
                message: task.message,
            })
            .collect(),
        alerts,
        login_locks: services.identity.login_locks(kernel::PageRequest::new(1, 1)).await?.total,
        guesses: services.billing.guesses(since).await?.into_iter().map(Guesses::from).collect(),
    })
}

impl From<GuessCount> for Guesses {
    fn from(count: GuessCount) -> Self {
        Self { guessed: count.guessed.as_str(), guesses: count.guesses, sources: count.sources }
    }
}

fn print(status: &Status) -> io::Result<()> {
    output::line(format_args!("database: {}", status.database))?;
    let mut counts = output::table(["what", "status", "how many"]);
    for count in &status.counts {
        counts.add_row([count.what.to_owned(), count.status.clone(), count.count.to_string()]);
    }
    output::line(counts)?;
    let mut queues = output::table(["queue", "due", "later", "oldest due since"]);
    for queue in &status.queues {
        let oldest = output::moment(queue.oldest);
        queues.add_row([queue.queue.to_owned(), queue.due.to_string(), queue.later.to_string(), oldest]);
    }
    output::line(queues)?;
    output::line(routers::table(&status.routers))?;
    for server in &status.radius_servers {
        output::line(radius_server(server))?;
    }
    output::line(format_args!("dead jobs: {}   login locks: {}", status.dead_jobs, status.login_locks))?;
    for Guesses { guessed, guesses, sources } in &status.guesses {
        let guessed = guessed.replace('_', " ");
        output::line(format_args!(
            "wrong {guessed}s in the last 24 hours: {guesses} from {sources} sources"
        ))?;
    }
    for (title, lines) in [("open tasks", &status.tasks), ("alerts of the last 24 hours", &status.alerts)] {
        if lines.is_empty() {
            output::line(format_args!("{title}: none"))?;
            continue;
        }
        let mut table = output::table([title, "since", "what"]);
        for line in lines {
            table.add_row([line.code.clone(), output::moment(Some(line.at)), line.message.clone()]);
        }
        output::line(table)?;
    }
    Ok(())
}

/// What has come to a RADIUS server, and what has not been answered and why.
fn radius_server(server: &RadiusServer) -> comfy_table::Table {
    let title = format!("RADIUS server at {}", server.auth_address);
    let mut table =
        output::table([title.as_str(), &format!("last seen {}", output::moment(Some(server.seen_at)))]);
    for (what, count) in server.packets.iter().filter(|(_, count)| **count > 0) {
        table.add_row([what.replace('_', " "), count.to_string()]);
    }
    table
}
