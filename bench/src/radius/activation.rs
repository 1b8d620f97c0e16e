//! A promotion of thousands is activated and deactivated in one call, and the same rows are written plainly.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::{REPEATS, campus::Campus};
use crate::{
    database::{Engine, FreshDatabase},
    figures::median,
};

/// The tables that an activation writes the directory and the subscribers' state into.
const WRITTEN: [&str; 4] = ["radcheck", "radreply", "radusergroup", "subscribers"];

/// How it went.
pub(super) struct Activation {
    /// The database, with its version.
    pub(super) database: String,
    /// The rows that everybody who is active has in [`WRITTEN`].
    pub(super) rows: u64,
    /// Seconds that the call took which gave everybody access, in the middle.
    pub(super) activated: f64,
    /// Seconds that the call took which took it, in the middle.
    pub(super) deactivated: f64,
    /// Seconds that the worker went on after it: told of each who lost access, it ends sessions.
    pub(super) followed: f64,
    /// Seconds in which the rows were written plainly, in the middle.
    pub(super) plainly: f64,
    /// The most memory of the portal before and after, in KiB, where the system tells.
    pub(super) memory: [Option<u64>; 2],
}

impl Activation {
    /// Has a new campus do it.
    pub(super) async fn run(portal: &Path, engine: &Engine) -> Result<Self> {
        let database = engine.version().await?;
        eprintln!("activation on {database}");
        let campus = Campus::open(portal, engine, &[]).await?;
        let before = campus.portal.peak_memory();
        let [mut activated, mut deactivated, mut followed, mut plainly] = [(); 4].map(|()| Vec::new());
        let mut rows = 0;
        for _ in 0..REPEATS {
            activated.push(campus.activate().await?.as_secs_f64());
            campus.until_idle().await?;
            rows = count(&campus.database).await?;
            plainly.push(write_plainly(engine, &campus.database).await?.as_secs_f64());
            deactivated.push(campus.deactivate().await?.as_secs_f64());
            followed.push(campus.until_idle().await?.as_secs_f64());
        }
        let memory = [before, campus.portal.peak_memory()];
        campus.close().await?;
        let [activated, deactivated, followed, plainly] =
            [activated, deactivated, followed, plainly].map(|times| median(times).unwrap_or(f64::NAN));
        Ok(Self { database, rows, activated, deactivated, followed, plainly, memory })
    }
}

async fn count(database: &FreshDatabase) -> Result<u64> {
    let mut rows = 0;
    for table in WRITTEN {
        rows += database.count(table).await?;
    }
    Ok(rows)
}

/// Writes the rows of all tables, in one transaction, into empty tables with the same columns and indexes.
async fn write_plainly(engine: &Engine, database: &FreshDatabase) -> Result<Duration> {
    let took = match engine {
        Engine::Sqlite => insert(database).await?,
        Engine::Postgres(_) => copy(&database.url).await?,
    };
    let drop: String = WRITTEN.map(|table| format!("DROP TABLE plain_{table};")).concat();
    database.execute(drop).await?;
    Ok(took)
}

/// `COPY`, from memory: the fastest way into PostgreSQL.
async fn copy(url: &str) -> Result<Duration> {
    let mut connection = PgConnection::connect(url).await?;
    let mut rows = Vec::new();
    for table in WRITTEN {
        let like = format!("CREATE TABLE plain_{table} (LIKE {table} INCLUDING ALL)");
        sqlx::raw_sql(AssertSqlSafe(like)).execute(&mut connection).await?;
        let mut out = connection.copy_out_raw(&format!("COPY {table} TO STDOUT")).await?;
        let mut bytes = Vec::new();
        while let Some(part) = futures_util::StreamExt::next(&mut out).await {
            bytes.extend_from_slice(&part?);
        }
        drop(out);
        rows.push((table, bytes));
    }
    let started = Instant::now();
    sqlx::raw_sql("BEGIN").execute(&mut connection).await?;
    for (table, bytes) in rows {
        let mut into = connection.copy_in_raw(&format!("COPY plain_{table} FROM STDIN")).await?;
        into.send(bytes).await?;
        into.finish().await?;
    }
    sqlx::raw_sql("COMMIT").execute(&mut connection).await.context("the plain rows")?;
    Ok(started.elapsed())
}

/// `INSERT … SELECT`: nothing is as fast on SQLite, which has no `COPY`.
async fn insert(database: &FreshDatabase) -> Result<Duration> {
    for table in WRITTEN {
        let made = database.texts(format!(
            "SELECT sql FROM sqlite_master WHERE tbl_name = '{table}' AND type IN ('table', 'index') AND sql IS NOT NULL"
        ));
        let alike = made.await?.join(";\n").replace(table, &format!("plain_{table}"));
        database.execute(alike).await?;
    }
    let all: String =
        WRITTEN.map(|table| format!("INSERT INTO plain_{table} SELECT * FROM {table};")).concat();
    let started = Instant::now();
    database.execute(format!("PRAGMA synchronous = FULL; BEGIN IMMEDIATE; {all} COMMIT")).await?;
    Ok(started.elapsed())
}
