//! `portal jobs`: work in the background.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use kernel::{Timestamp, id::ids::JobId};
use persistence::jobs::JobView;
use serde::Serialize;

use super::output;
use crate::compose::Composition;

/// Look after work in the background.
#[derive(Debug, Subcommand)]
pub(super) enum Jobs {
    /// Show what waits, the oldest first.
    List {
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// Show what was given up, the latest first.
    Dead {
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// Put what was given up back in the queue.
    Replay(Replay),
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Replay {
    /// This job.
    id: Option<String>,
    /// Every job.
    #[arg(long)]
    all: bool,
}

#[derive(Serialize)]
struct Line {
    id: String,
    kind: String,
    queue: String,
    attempts: i32,
    run_at: Timestamp,
    payload: serde_json::Value,
    last_error: Option<String>,
}

impl From<JobView> for Line {
    fn from(job: JobView) -> Self {
        Self {
            id: job.id.to_string(),
            kind: job.kind,
            queue: job.queue,
            attempts: job.attempts,
            run_at: job.run_at,
            payload: job.payload,
            last_error: job.last_error,
        }
    }
}

impl Jobs {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        let database = &portal.background.database;
        let jobs = match self {
            Self::List { limit } => database.unfinished_jobs(limit).await?,
            Self::Dead { limit } => database.dead_jobs(limit).await?,
            Self::Replay(Replay { id, .. }) => {
                let id = id.map(|id| id.parse::<JobId>().with_context(|| format!("{id} is not a job's id")));
                let replayed = database.replay_dead_jobs(id.transpose()?).await?;
                output::line(format_args!("{replayed} jobs are back in the queue"))?;
                return Ok(if replayed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE });
            }
        };
        let lines: Vec<_> = jobs.into_iter().map(Line::from).collect();
        output::print(json, &lines, |lines| {
            let mut table = output::table(["id", "kind", "attempts", "run at", "last error"]);
            for line in lines {
                table.add_row([
                    line.id.clone(),
                    line.kind.clone(),
                    line.attempts.to_string(),
                    output::moment(Some(line.run_at)),
                    line.last_error.clone().unwrap_or_default(),
                ]);
            }
            table
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
