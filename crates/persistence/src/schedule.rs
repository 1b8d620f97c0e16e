//! Which scheduled runs have happened. The primary key (name, tick) lets one process of many start a tick.

use kernel::{NewJob, StoreError, Timestamp, UnitOfWork as _};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};

use crate::{Database, error::store_error};

/// A run, as a row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "schedule_runs")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    #[sea_orm(primary_key, auto_increment = false)]
    tick_at: DateTimeUtc,
    started_at: DateTimeUtc,
    finished_at: Option<DateTimeUtc>,
    error: Option<String>,
    missed: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// One run of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleRun {
    /// The tick it was for.
    pub tick_at: Timestamp,
    /// When it was put in the queue.
    pub started_at: Timestamp,
    /// When it ended; `None` while it is under way.
    pub finished_at: Option<Timestamp>,
    /// Why it failed, if it did.
    pub error: Option<String>,
    /// How many ticks before this one nobody was there to start.
    pub missed: u32,
}

impl Database {
    /// Claims a tick and puts its job in the queue; false, and no job, if another process was first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn start_tick(
        &self,
        name: &str,
        tick_at: Timestamp,
        missed: u32,
        job: NewJob,
    ) -> Result<bool, StoreError> {
        let row = ActiveModel {
            name: Set(name.to_owned()),
            tick_at: Set(tick_at),
            started_at: Set(self.ambient().now()),
            finished_at: Set(None),
            error: Set(None),
            missed: Set(i32::try_from(missed).unwrap_or(i32::MAX)),
        };
        let mut tx = self.begin_tx().await?;
        let inserted = Entity::insert(row)
            .on_conflict(OnConflict::columns([Column::Name, Column::TickAt]).do_nothing().to_owned())
            .exec_without_returning(tx.connection())
            .await
            .map_err(store_error)?;
        if inserted == 0 {
            return Ok(false);
        }
        tx.enqueue_jobs(vec![job]).await?;
        Box::new(tx).commit().await?;
        Ok(true)
    }

    /// Writes down how a run ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_tick(
        &self,
        name: &str,
        tick_at: Timestamp,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::FinishedAt, Expr::value(self.ambient().now()))
            .col_expr(Column::Error, Expr::value(error))
            .filter(Column::Name.eq(name))
            .filter(Column::TickAt.eq(tick_at))
            .exec(self.writer())
            .await
            .map(drop)
            .map_err(store_error)
    }

    /// The latest run of a schedule whose tick is not after this moment. There are later ones after the clock
    /// was set back; a schedule that counted from them would stand still until the clock has caught up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_run(&self, name: &str, now: Timestamp) -> Result<Option<ScheduleRun>, StoreError> {
        let row = Entity::find()
            .filter(Column::Name.eq(name))
            .filter(Column::TickAt.lte(now))
            .order_by_desc(Column::TickAt)
            .one(self.reader())
            .await
            .map_err(store_error)?;
        Ok(row.map(|row| ScheduleRun {
            tick_at: row.tick_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            error: row.error,
            missed: u32::try_from(row.missed).unwrap_or(0),
        }))
    }

    /// Forgets runs older than a moment. Says how many rows went.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune_runs(&self, before: Timestamp) -> Result<u64, StoreError> {
        let runs = Entity::delete_many().filter(Column::TickAt.lt(before)).exec(self.writer()).await;
        Ok(runs.map_err(store_error)?.rows_affected)
    }
}
