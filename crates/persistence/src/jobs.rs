//! The job queue: one table, leases, backoff, the dead.
//!
//! A job waits until a worker leases it. The worker then finishes it (the row goes), puts it back for later, or
//! buries it. A worker that dies says nothing: its lease runs out and another worker takes the job. Each answer
//! carries the lease, so that a worker that lost it changes nothing.

use std::time::Duration;

use kernel::{
    Event, Id, Job, NewJob, Origin, Queue, RequestId, StoreError, Timestamp, UnitOfWork as _,
    events::alert::{AlertRaised, Severity},
    id::ids::JobId,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict, Order, Query},
};

use crate::{
    Database,
    error::store_error,
    tx::{Tx, in_chunks},
};

/// A job, as a row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    kind: String,
    queue: String,
    rank: i32,
    payload: Json,
    unique_key: Option<String>,
    status: String,
    run_at: DateTimeUtc,
    lease: Option<Uuid>,
    leased_until: Option<DateTimeUtc>,
    attempts: i32,
    waits: i32,
    max_attempts: i32,
    last_error: Option<String>,
    request_id: Option<String>,
    created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// In the queue, leased or not.
pub(crate) const WAITING: &str = "waiting";
/// Given up, until a person replays it.
const DEAD: &str = "dead";
/// How much of an error's text is kept, in characters.
const ERROR_LENGTH: usize = 2000;

impl Tx {
    pub(crate) async fn enqueue_jobs(&mut self, jobs: Vec<NewJob>) -> Result<(), StoreError> {
        let created_at = self.shared.ambient.now();
        let rows: Vec<_> = jobs
            .into_iter()
            .map(|job| ActiveModel {
                id: Set(job.id.as_uuid()),
                kind: Set(job.kind),
                queue: Set(job.queue.as_str().to_owned()),
                rank: Set(job.queue.rank().into()),
                payload: Set(job.payload),
                unique_key: Set(job.unique_key),
                status: Set(WAITING.to_owned()),
                run_at: Set(job.run_at),
                lease: Set(None),
                leased_until: Set(None),
                attempts: Set(0),
                waits: Set(0),
                max_attempts: Set(job.max_attempts.into()),
                last_error: Set(None),
                request_id: Set(job.request_id.map(|id| id.to_string())),
                created_at: Set(created_at),
            })
            .collect();
        // Written out, not bound: a database matches a partial index by its text.
        let twin_waits = OnConflict::column(Column::UniqueKey)
            .target_and_where(Expr::cust("status = 'waiting'"))
            .do_nothing()
            .to_owned();
        for some in in_chunks(rows) {
            Entity::insert_many(some)
                .on_conflict(twin_waits.clone())
                .exec_without_returning(self.connection())
                .await
                .map_err(store_error)?;
            self.wakes = true;
        }
        Ok(())
    }
}

/// What a person may see of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobView {
    /// Names the job.
    pub id: JobId,
    /// What it does.
    pub kind: String,
    /// How urgent it is.
    pub queue: String,
    /// Its fields.
    pub payload: serde_json::Value,
    /// How often it was tried.
    pub attempts: i32,
    /// When it may run next, or was to run last.
    pub run_at: Timestamp,
    /// When it was put in the queue.
    pub created_at: Timestamp,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// How full a queue is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// The queue.
    pub queue: Queue,
    /// How many jobs could run now.
    pub due: u64,
    /// How many wait for their time.
    pub later: u64,
    /// Since when the oldest of those that could run now could have run.
    pub oldest: Option<Timestamp>,
}

impl Database {
    /// Takes up to `limit` due jobs, the most urgent and oldest first, each for `duration`. Several workers
    /// never get the same job.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lease_jobs(&self, limit: u64, duration: Duration) -> Result<Vec<Job>, StoreError> {
        let now = self.ambient().now();
        let free = Condition::any().add(Column::LeasedUntil.is_null()).add(Column::LeasedUntil.lt(now));
        let due = Query::select()
            .column(Column::Id)
            .from(Entity)
            .and_where(Column::Status.eq(WAITING))
            .and_where(Column::RunAt.lte(now))
            .cond_where(free)
            .order_by(Column::Rank, Order::Asc)
            .order_by(Column::RunAt, Order::Asc)
            .limit(limit)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .to_owned();
        let until = now + chrono::Duration::from_std(duration).map_err(StoreError::corrupt)?;
        let rows = Entity::update_many()
            .col_expr(Column::Lease, Expr::value(self.ambient().uuid_v4()))
            .col_expr(Column::LeasedUntil, Expr::value(until))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .filter(Column::Id.in_subquery(due))
            .exec_with_returning(self.writer())
            .await
            .map_err(store_error)?;
        let mut rows = rows;
        rows.sort_by_key(|row| (row.rank, row.run_at));
        rows.into_iter().map(Job::try_from).collect()
    }

    /// Ends a job for good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish_job(&self, job: &Job) -> Result<(), StoreError> {
        Entity::delete_many().filter(held(job)).exec(self.writer()).await.map(drop).map_err(store_error)
    }

    /// Puts a job back that has more to do. It may run at once, and no attempt of it counts any longer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn repeat_job(&self, job: &Job) -> Result<(), StoreError> {
        self.release(job, self.ambient().now(), None, 0, 0).await?;
        self.shared.wake.notify_waiters();
        Ok(())
    }

    /// Puts a job back after a failed attempt.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn retry_job(&self, job: &Job, run_at: Timestamp, error: &str) -> Result<(), StoreError> {
        self.release(job, run_at, Some(error), i32::from(job.attempt), 0).await
    }

    /// Puts a job back that waits for an outside system. The attempt does not count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn postpone_job(&self, job: &Job, run_at: Timestamp, reason: &str) -> Result<(), StoreError> {
        let waits = i32::from(job.waits.saturating_add(1));
        self.release(job, run_at, Some(reason), i32::from(job.attempt) - 1, waits).await
    }

    async fn release(
        &self,
        job: &Job,
        run_at: Timestamp,
        error: Option<&str>,
        attempts: i32,
        waits: i32,
    ) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::RunAt, Expr::value(run_at))
            .col_expr(Column::Lease, Expr::value(None::<Uuid>))
            .col_expr(Column::LeasedUntil, Expr::value(None::<DateTimeUtc>))
            .col_expr(Column::Attempts, Expr::value(attempts))
            .col_expr(Column::Waits, Expr::value(waits))
            .col_expr(Column::LastError, Expr::value(error.map(shortened)))
            .filter(held(job))
            .exec(self.writer())
            .await
            .map(drop)
            .map_err(store_error)
    }

    /// Gives a job up until a person replays it, and raises an alert.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn bury_job(&self, job: &Job, error: &str) -> Result<(), StoreError> {
        let mut tx = self.begin_tx().await?;
        let buried = Entity::update_many()
            .col_expr(Column::Status, Expr::value(DEAD))
            .col_expr(Column::Lease, Expr::value(None::<Uuid>))
            .col_expr(Column::LeasedUntil, Expr::value(None::<DateTimeUtc>))
            .col_expr(Column::LastError, Expr::value(shortened(error)))
            .filter(held(job))
            .exec(tx.connection())
            .await
            .map_err(store_error)?;
        if buried.rows_affected == 0 {
            return Ok(());
        }
        let alert = AlertRaised {
            subject_id: Id::from_uuid(job.id.as_uuid()),
            code: "job_dead".to_owned(),
            severity: Severity::High,
            message: format!("job {} of kind {} was given up", job.id, job.kind),
            order_id: None,
        };
        let origin = Origin::system("worker").within(job.request_id.clone());
        tx.append_events(vec![Event::new(self.ambient(), &origin, &alert)?]).await?;
        Box::new(tx).commit().await
    }

    /// The jobs that were given up, latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dead_jobs(&self, limit: u64) -> Result<Vec<JobView>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Status.eq(DEAD))
            .order_by_desc(Column::RunAt)
            .limit(limit)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(JobView::from).collect())
    }

    /// Puts one dead job, or all of them, back in the queue with all attempts before them. Says how many. A job
    /// whose twin is waiting already stays dead.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replay_dead_jobs(&self, only: Option<JobId>) -> Result<u64, StoreError> {
        let waiting_twins = Query::select()
            .column(Column::UniqueKey)
            .from(Entity)
            .and_where(Column::Status.eq(WAITING))
            .and_where(Column::UniqueKey.is_not_null())
            .to_owned();
        let free = Condition::any()
            .add(Column::UniqueKey.is_null())
            .add(Column::UniqueKey.not_in_subquery(waiting_twins));
        let mut replay = Entity::update_many()
            .col_expr(Column::Status, Expr::value(WAITING))
            .col_expr(Column::Attempts, Expr::value(0))
            .col_expr(Column::Waits, Expr::value(0))
            .col_expr(Column::RunAt, Expr::value(self.ambient().now()))
            .filter(Column::Status.eq(DEAD))
            .filter(free);
        if let Some(id) = only {
            replay = replay.filter(Column::Id.eq(id.as_uuid()));
        }
        let replayed = replay.exec(self.writer()).await.map_err(store_error)?;
        self.shared.wake.notify_waiters();
        Ok(replayed.rows_affected)
    }

    /// How full every queue is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn backlog(&self) -> Result<Vec<Backlog>, StoreError> {
        let now = self.ambient().now();
        let mut backlog = Vec::new();
        for queue in Queue::ALL {
            let waiting =
                || Entity::find().filter(Column::Status.eq(WAITING)).filter(Column::Queue.eq(queue.as_str()));
            let due = || waiting().filter(Column::RunAt.lte(now));
            let oldest = due().order_by_asc(Column::RunAt).one(self.reader()).await.map_err(store_error)?;
            let total = waiting().count(self.reader()).await.map_err(store_error)?;
            let due = due().count(self.reader()).await.map_err(store_error)?;
            let oldest = oldest.map(|row| row.run_at);
            backlog.push(Backlog { queue, due, later: total.saturating_sub(due), oldest });
        }
        Ok(backlog)
    }

    /// Every job that is not done, dead ones too, oldest first. For tests and for looking into a stuck queue.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unfinished_jobs(&self, limit: u64) -> Result<Vec<JobView>, StoreError> {
        let rows = Entity::find().order_by_asc(Column::RunAt).limit(limit).all(self.reader()).await;
        Ok(rows.map_err(store_error)?.into_iter().map(JobView::from).collect())
    }
}

/// The row of a job whose lease is still the one the worker was given.
fn held(job: &Job) -> Condition {
    Condition::all().add(Column::Id.eq(job.id.as_uuid())).add(Column::Lease.eq(job.lease))
}

fn shortened(error: &str) -> String {
    error.chars().take(ERROR_LENGTH).collect()
}

impl TryFrom<Model> for Job {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let small = |number: i32| u16::try_from(number).map_err(StoreError::corrupt);
        Ok(Self {
            id: Id::from_uuid(row.id),
            queue: Queue::parse(&row.queue).ok_or_else(|| StoreError::corrupt(&row.queue))?,
            kind: row.kind,
            payload: row.payload,
            attempt: small(row.attempts)?,
            max_attempts: small(row.max_attempts)?,
            waits: small(row.waits)?,
            request_id: row.request_id.as_deref().and_then(RequestId::parse),
            lease: row.lease.ok_or_else(|| StoreError::corrupt("a leased job without a lease"))?,
        })
    }
}

impl From<Model> for JobView {
    fn from(row: Model) -> Self {
        Self {
            id: Id::from_uuid(row.id),
            kind: row.kind,
            queue: row.queue,
            payload: row.payload,
            attempts: row.attempts,
            run_at: row.run_at,
            created_at: row.created_at,
            last_error: row.last_error,
        }
    }
}

#[cfg(test)]
mod tests;
