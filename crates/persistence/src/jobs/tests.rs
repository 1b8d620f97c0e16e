//! The queue under several workers, and through failures.

use std::{collections::BTreeSet, time::Duration};

use kernel::{Clock as _, Id, JobSpec, NewJob, Queue, UnitOfWork as _, job::backoff, testing::Surroundings};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::{Database, on_both_databases, testing::TestDatabase};

const LEASE: Duration = Duration::from_secs(60);

#[derive(Serialize, Deserialize)]
struct Urgent {
    number: u32,
}

impl JobSpec for Urgent {
    const KIND: &'static str = "urgent";
    const QUEUE: Queue = Queue::Critical;
}

#[derive(Serialize, Deserialize)]
struct Idle {}

impl JobSpec for Idle {
    const KIND: &'static str = "idle";
    const QUEUE: Queue = Queue::Low;
}

async fn enqueue(database: &Database, job: NewJob) {
    let mut tx = database.begin_tx().await.unwrap();
    tx.enqueue(job).await.unwrap();
    Box::new(tx).commit().await.unwrap();
}

fn urgent(around: &Surroundings, number: u32) -> NewJob {
    NewJob::new(&around.ambient(), &Urgent { number }, None).unwrap()
}

on_both_databases!(
    a_job_leaves_with_its_transaction,
    workers_never_share_a_job,
    the_urgent_come_first_and_the_future_waits,
    a_lost_lease_changes_nothing,
    failures_are_counted_and_waiting_is_not,
    the_dead_are_kept_and_replayed,
    a_unique_job_waits_once,
    a_job_with_more_to_do_runs_again_at_once,
    writers_side_by_side_all_get_through,
    a_tick_belongs_to_one,
);

async fn a_job_leaves_with_its_transaction(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    let mut tx = database.begin_tx().await.unwrap();
    tx.enqueue(urgent(&around, 1)).await.unwrap();
    drop(tx);
    assert!(database.lease_jobs(10, LEASE).await.unwrap().is_empty());
}

async fn workers_never_share_a_job(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    for number in 0..200 {
        enqueue(&database, urgent(&around, number)).await;
    }
    let mut workers = JoinSet::new();
    for _ in 0..8 {
        let database = database.clone();
        workers.spawn(async move {
            let mut seen = Vec::new();
            loop {
                let jobs = database.lease_jobs(7, LEASE).await.unwrap();
                if jobs.is_empty() {
                    return seen;
                }
                for job in jobs {
                    seen.push(job.spec::<Urgent>().unwrap().number);
                    database.finish_job(&job).await.unwrap();
                }
            }
        });
    }
    let seen: Vec<u32> = workers.join_all().await.into_iter().flatten().collect();
    assert_eq!(seen.len(), 200);
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), (0..200).collect());
    assert!(database.unfinished_jobs(1).await.unwrap().is_empty());
}

async fn the_urgent_come_first_and_the_future_waits(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    enqueue(&database, NewJob::new(&around.ambient(), &Idle {}, None).unwrap()).await;
    let later = around.ambient().now() + Duration::from_secs(10);
    enqueue(&database, urgent(&around, 2).not_before(later)).await;
    enqueue(&database, urgent(&around, 1)).await;
    let kinds = |jobs: Vec<kernel::Job>| jobs.into_iter().map(|job| job.kind).collect::<Vec<_>>();
    assert_eq!(kinds(database.lease_jobs(10, LEASE).await.unwrap()), ["urgent", "idle"]);
    around.clock.advance(chrono::Duration::seconds(10));
    assert_eq!(kinds(database.lease_jobs(10, LEASE).await.unwrap()), ["urgent"]);
}

async fn a_lost_lease_changes_nothing(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    enqueue(&database, urgent(&around, 1)).await;
    let slow = database.lease_jobs(1, LEASE).await.unwrap().remove(0);
    around.clock.advance(chrono::Duration::seconds(61));
    let other = database.lease_jobs(1, LEASE).await.unwrap().remove(0);
    assert_eq!((slow.id, other.attempt), (other.id, 2));
    database.finish_job(&slow).await.unwrap();
    database.bury_job(&slow, "too late").await.unwrap();
    assert_eq!(database.unfinished_jobs(2).await.unwrap().len(), 1);
    database.finish_job(&other).await.unwrap();
    assert!(database.unfinished_jobs(2).await.unwrap().is_empty());
}

async fn failures_are_counted_and_waiting_is_not(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    enqueue(&database, urgent(&around, 1)).await;
    for _ in 0..5 {
        let job = database.lease_jobs(1, LEASE).await.unwrap().remove(0);
        assert_eq!(job.attempt, 1);
        database.postpone_job(&job, around.ambient().now(), "the router is down").await.unwrap();
    }
    let job = database.lease_jobs(1, LEASE).await.unwrap().remove(0);
    assert_eq!((job.attempt, job.waits), (1, 5));
    let pause = backoff(job.attempt, LEASE, 0);
    database.retry_job(&job, around.ambient().now() + pause, "oops").await.unwrap();
    assert!(database.lease_jobs(1, LEASE).await.unwrap().is_empty());
    around.clock.advance(chrono::Duration::from_std(pause).unwrap());
    let again = database.lease_jobs(1, LEASE).await.unwrap().remove(0);
    assert_eq!((again.attempt, again.waits), (2, 0));
}

async fn the_dead_are_kept_and_replayed(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    enqueue(&database, urgent(&around, 1)).await;
    let job = database.lease_jobs(1, LEASE).await.unwrap().remove(0);
    database.bury_job(&job, "it never works").await.unwrap();
    let dead = database.dead_jobs(10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].last_error.as_deref(), Some("it never works"));
    let since = around.ambient().now();
    assert_eq!(database.count_events("AlertRaised", since).await.unwrap(), 1);
    assert!(database.lease_jobs(1, LEASE).await.unwrap().is_empty());
    assert_eq!(database.replay_dead_jobs(Some(Id::from_uuid(uuid::Uuid::nil()))).await.unwrap(), 0);
    assert_eq!(database.replay_dead_jobs(Some(job.id)).await.unwrap(), 1);
    assert_eq!(database.lease_jobs(1, LEASE).await.unwrap()[0].attempt, 1);
}

async fn a_unique_job_waits_once(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    for number in 0..3 {
        enqueue(&database, urgent(&around, number).unique("same")).await;
    }
    let jobs = database.lease_jobs(10, LEASE).await.unwrap();
    assert_eq!(jobs.len(), 1);
    database.bury_job(&jobs[0], "dead").await.unwrap();
    enqueue(&database, urgent(&around, 9).unique("same")).await;
    // Its twin is waiting, so that the dead one stays where it is.
    assert_eq!(database.replay_dead_jobs(None).await.unwrap(), 0);
}

async fn a_job_with_more_to_do_runs_again_at_once(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    enqueue(&database, urgent(&around, 1).unique("same")).await;
    let first = database.lease_jobs(1, LEASE).await.unwrap().remove(0);
    database.retry_job(&first, around.clock.now(), "once").await.unwrap();
    let second = database.lease_jobs(1, LEASE).await.unwrap().remove(0);
    // What its key keeps out of the queue while it runs is what it runs again for.
    enqueue(&database, urgent(&around, 2).unique("same")).await;
    database.repeat_job(&second).await.unwrap();
    let again = database.lease_jobs(10, LEASE).await.unwrap();
    assert_eq!(again.iter().map(|job| (job.id, job.attempt)).collect::<Vec<_>>(), [(first.id, 1)]);
}

async fn writers_side_by_side_all_get_through(on: TestDatabase) {
    let around = Surroundings::new();
    // Two handles with pools of their own, as two processes on one database would be.
    let databases = [on.connect(&around).await, on.connect(&around).await];
    let mut writers = JoinSet::new();
    for writer in 0..16u32 {
        let (database, around) = (databases[writer as usize % 2].clone(), around.clone());
        writers.spawn(async move {
            for turn in 0..10 {
                enqueue(&database, urgent(&around, writer * 100 + turn)).await;
                let jobs = database.lease_jobs(1, LEASE).await.unwrap();
                for job in jobs {
                    database.finish_job(&job).await.unwrap();
                }
            }
        });
    }
    writers.join_all().await;
    for job in databases[0].lease_jobs(200, LEASE).await.unwrap() {
        databases[1].finish_job(&job).await.unwrap();
    }
    assert!(databases[0].unfinished_jobs(1).await.unwrap().is_empty());
}

async fn a_tick_belongs_to_one(on: TestDatabase) {
    let around = Surroundings::new();
    let databases = [on.connect(&around).await, on.connect(&around).await];
    let mut processes = JoinSet::new();
    for process in 0..8usize {
        let (database, around) = (databases[process % 2].clone(), around.clone());
        processes.spawn(async move {
            let tick = around.ambient().now();
            database.start_tick("task", tick, 0, urgent(&around, 0)).await.unwrap()
        });
    }
    let started = processes.join_all().await.into_iter().filter(|started| *started).count();
    assert_eq!(started, 1);
    assert_eq!(databases[0].lease_jobs(10, LEASE).await.unwrap().len(), 1);
    let run = databases[1].last_run("task", around.ambient().now()).await.unwrap().unwrap();
    assert_eq!((run.finished_at, run.error), (None, None));
}
