//! `portal schedule`: what runs by the clock.

use std::process::ExitCode;

use clap::Subcommand;
use kernel::Timestamp;
use serde::Serialize;

use super::output;
use crate::{
    compose::Composition,
    worker::{schedule::Task, scheduler::Scheduler},
};

/// Look after what runs by the clock.
#[derive(Debug, Subcommand)]
pub(super) enum Schedule {
    /// Show every task with its last and next run.
    List,
    /// Run a task now.
    Run {
        /// Which: see `schedule list`.
        task: Task,
    },
}

#[derive(Serialize)]
struct Line {
    task: &'static str,
    cron: String,
    last_tick: Option<Timestamp>,
    outcome: String,
    missed: u32,
    next: Option<Timestamp>,
}

impl Schedule {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        match self {
            Self::Run { task } => {
                output::line(task.run(&portal.background, &portal.settings, &portal.ambient).await?)?;
            }
            Self::List => {
                let lines = lines(portal).await?;
                output::print(json, &lines, |lines| {
                    let mut table = output::table(["task", "cron", "last tick", "outcome", "missed", "next"]);
                    for line in lines {
                        table.add_row([
                            line.task.to_owned(),
                            line.cron.clone(),
                            output::moment(line.last_tick),
                            line.outcome.clone(),
                            line.missed.to_string(),
                            output::moment(line.next),
                        ]);
                    }
                    table
                })?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn lines(portal: &Composition) -> anyhow::Result<Vec<Line>> {
    let scheduler = Scheduler::new(portal);
    let mut lines = Vec::new();
    for task in Task::ALL {
        let last = portal.background.database.last_run(task.name(), portal.ambient.now()).await?;
        let outcome = match &last {
            None => "never run".to_owned(),
            Some(run) => match (&run.error, run.finished_at) {
                (Some(error), _) => error.clone(),
                (None, Some(_)) => "done".to_owned(),
                (None, None) => "under way".to_owned(),
            },
        };
        lines.push(Line {
            task: task.name(),
            cron: task.cron(&portal.settings.schedule).pattern.to_string(),
            last_tick: last.as_ref().map(|run| run.tick_at),
            outcome,
            missed: last.map_or(0, |run| run.missed),
            next: scheduler.next(task),
        });
    }
    Ok(lines)
}
