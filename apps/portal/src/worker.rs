//! Work in the background: leased jobs, done several at once, and what drives the rest: the [`scheduler`] and
//! the fake gateway.
//!
//! The loop is woken by commits of its own process and looks by itself now and then for the work of others: the
//! look is the truth, the waking only makes it prompt. A job is done under a time limit shorter than its lease,
//! so that two workers rarely have one job; when they do, its effect converges.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use kernel::{Ambient, Job, JobHandler, JobOutcome, StoreError, job::backoff};
use persistence::Database;
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::{compose::Composition, config::WorkerSettings};

pub mod accounting;
pub mod deliver_event;
pub mod fake_gateway;
pub mod reload_radius;
pub mod schedule;
pub mod scheduler;

/// The longest pause after failed attempts.
const LONGEST_RETRY: Duration = Duration::from_secs(15 * 60);
/// The longest pause while an outside system cannot be reached.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The pause after the database could not be asked.
const DATABASE_PAUSE: Duration = Duration::from_secs(1);

/// Does jobs.
#[derive(Clone)]
pub struct Worker {
    database: Database,
    handlers: Arc<BTreeMap<&'static str, Arc<dyn JobHandler>>>,
    ambient: Ambient,
    settings: WorkerSettings,
}

impl Worker {
    /// A worker that can do every job of the composition.
    #[must_use]
    pub fn new(composition: &Composition) -> Self {
        let services = &composition.background;
        let mut handlers = services.job_handlers();
        handlers.push(Arc::new(deliver_event::DeliverEventHandler::new(
            services.database.clone(),
            services.consumers(),
        )));
        handlers.push(Arc::new(schedule::ScheduledTaskHandler::new(composition)));
        let reload = composition.settings.radius.reload_command.clone();
        handlers.push(Arc::new(reload_radius::ReloadRadiusHandler(reload)));
        Self {
            database: services.database.clone(),
            handlers: Arc::new(handlers.into_iter().map(|handler| (handler.kind(), handler)).collect()),
            ambient: composition.ambient.clone(),
            settings: composition.settings.worker.clone(),
        }
    }

    /// Works until `stop`, then lets the jobs at hand come to their end.
    pub async fn run(&self, stop: CancellationToken) {
        let free = Arc::new(Semaphore::new(self.settings.concurrency));
        let wake = self.database.wake();
        let mut running = JoinSet::new();
        while !stop.is_cancelled() {
            while running.try_join_next().is_some() {}
            let room = free.available_permits();
            if room == 0 {
                tokio::select! {
                    Some(_) = running.join_next() => {}
                    () = stop.cancelled() => {}
                }
                continue;
            }
            // Listening begins before the look, or work that comes in between would be slept over.
            let woken = wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let leased = match self.database.lease_jobs(room as u64, self.settings.lease).await {
                Ok(jobs) => jobs,
                Err(error) => {
                    tracing::error!(%error, "jobs cannot be leased");
                    pause(DATABASE_PAUSE, &stop).await;
                    continue;
                }
            };
            let none_left = leased.len() < room;
            for job in leased {
                // There is one: no more jobs were leased than permits were free, and only this loop takes them.
                let Ok(permit) = free.clone().acquire_owned().await else { return };
                let worker = self.clone();
                running.spawn(async move {
                    worker.work_on(job).await;
                    drop(permit);
                });
            }
            if none_left {
                tokio::select! {
                    () = woken => {}
                    () = tokio::time::sleep(self.settings.poll) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Does every job that is due, one after the other, until none is: for tests and single commands. Says how
    /// many there were.
    ///
    /// # Errors
    /// [`StoreError`] when jobs cannot be leased.
    pub async fn drain(&self) -> Result<usize, StoreError> {
        let mut done = 0;
        loop {
            let jobs = self.database.lease_jobs(1, self.settings.lease).await?;
            if jobs.is_empty() {
                return Ok(done);
            }
            for job in jobs {
                self.work_on(job).await;
                done += 1;
            }
        }
    }

    async fn work_on(&self, job: Job) {
        let request = job.request_id.as_ref().map(ToString::to_string).unwrap_or_default();
        let span = tracing::info_span!("job", kind = %job.kind, id = %job.id, request_id = %request);
        async {
            let outcome = self.attempt(&job).await;
            if let Err(error) = self.conclude(&job, outcome).await {
                // The lease runs out and the job is done again: its effect converges.
                tracing::error!(%error, "the end of a job cannot be written down");
            }
        }
        .instrument(span)
        .await;
    }

    async fn attempt(&self, job: &Job) -> JobOutcome {
        let Some(handler) = self.handlers.get(job.kind.as_str()).cloned() else {
            return JobOutcome::Hopeless("nobody does jobs of this kind".to_owned());
        };
        let at_hand = job.clone();
        // A task of its own, so that a panic ends this attempt and nothing else.
        let attempt = tokio::spawn(async move { handler.run(&at_hand).await }.in_current_span());
        let limit = self.settings.lease * 4 / 5;
        let abort = attempt.abort_handle();
        match tokio::time::timeout(limit, attempt).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panicked)) => JobOutcome::Failed(panicked.to_string()),
            Err(_) => {
                abort.abort();
                JobOutcome::Failed(format!("not done within {} s", limit.as_secs()))
            }
        }
    }

    async fn conclude(&self, job: &Job, outcome: JobOutcome) -> Result<(), StoreError> {
        let mut jitter = [0u8; 1];
        self.ambient.fill(&mut jitter);
        let after = |pause: Duration| self.ambient.now() + pause;
        match outcome {
            JobOutcome::Done => self.database.finish_job(job).await,
            JobOutcome::Again => self.database.repeat_job(job).await,
            JobOutcome::Waiting(reason) => {
                tracing::warn!(%reason, "waiting for an outside system");
                let pause = backoff(job.waits.saturating_add(1), LONGEST_WAIT, jitter[0]);
                self.database.postpone_job(job, after(pause), &reason).await
            }
            JobOutcome::Failed(error) if job.attempt < job.max_attempts => {
                tracing::warn!(%error, attempt = job.attempt, "a job failed and is tried again");
                let pause = backoff(job.attempt, LONGEST_RETRY, jitter[0]);
                self.database.retry_job(job, after(pause), &error).await
            }
            JobOutcome::Failed(error) | JobOutcome::Hopeless(error) => {
                tracing::error!(%error, alert = "job_dead", "a job is given up");
                self.database.bury_job(job, &error).await
            }
        }
    }
}

/// Waits, or until the service stops.
async fn pause(time: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = stop.cancelled() => {}
    }
}
