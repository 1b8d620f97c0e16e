//! The databases that are measured, a new one for every round, and the reference that figures are held against:
//! how many of the plainest commits the same database takes.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::task::JoinSet;

use crate::figures::per_second;

/// Where rounds take place: unlike /tmp never in memory, where waiting for the disk would cost nothing.
pub(crate) const DISK: &str = "/var/tmp";
/// How long plain commits are counted.
const COUNTED: Duration = Duration::from_secs(3);
/// What a plain commit writes.
const ROW: &str = "as long as a short event: who did what to which order, at which moment, and why it was so";

/// A kind of database.
#[derive(Debug, Clone)]
pub(crate) enum Engine {
    Sqlite,
    /// A server, by its address for somebody who may create databases.
    Postgres(String),
}

/// A database for one round.
pub(crate) struct FreshDatabase {
    /// How the portal connects.
    pub(crate) url: String,
    engine: Engine,
    name: String,
}

impl Engine {
    /// Its name and version.
    pub(crate) async fn version(&self) -> Result<String> {
        Ok(match self {
            Self::Sqlite => {
                let mut memory = SqliteConnection::connect("sqlite::memory:").await?;
                let version: String =
                    sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut memory).await?;
                format!("SQLite {version}")
            }
            Self::Postgres(server) => {
                let mut server = PgConnection::connect(server).await?;
                let version: String =
                    sqlx::query_scalar("SHOW server_version").fetch_one(&mut server).await?;
                format!("PostgreSQL {}", version.split(' ').next().unwrap_or_default())
            }
        })
    }

    /// Refuses a server that says that something is stored before it is: its figures would be of no use.
    pub(crate) async fn must_be_durable(&self) -> Result<()> {
        let Self::Postgres(server) = self else { return Ok(()) };
        let mut server = PgConnection::connect(server).await.context("PostgreSQL cannot be reached")?;
        for switch in ["fsync", "synchronous_commit", "full_page_writes"] {
            let show = AssertSqlSafe(format!("SHOW {switch}"));
            let value: String = sqlx::query_scalar(show).fetch_one(&mut server).await?;
            ensure!(value != "off", "this PostgreSQL does not wait for its disk ({switch} is off)");
        }
        Ok(())
    }

    /// A new database; one of SQLite is a file in `folder`.
    pub(crate) async fn create(&self, folder: &Path) -> Result<FreshDatabase> {
        let engine = self.clone();
        let Self::Postgres(server) = self else {
            let url = format!("sqlite://{}?mode=rwc", folder.join("portal.db").display());
            return Ok(FreshDatabase { url, engine, name: String::new() });
        };
        let name = format!("bench_{}", std::process::id());
        let mut connection = PgConnection::connect(server).await.context("PostgreSQL cannot be reached")?;
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::query(create).execute(&mut connection).await.context("a database for the benchmark")?;
        let (address, _) = server.rsplit_once('/').context("the server's address names no database")?;
        Ok(FreshDatabase { url: format!("{address}/{name}"), engine, name })
    }
}

impl FreshDatabase {
    /// How many commits of one row each are taken per second from as many writers at once as there are clients,
    /// with the portal's driver and settings. SQLite lets one write at a time, so that there is one.
    pub(crate) async fn plain_commits_per_second(&self, clients: usize) -> Result<f64> {
        match self.engine {
            Engine::Sqlite => self.count_on_sqlite().await,
            Engine::Postgres(_) => self.count_on_postgres(clients).await,
        }
    }

    async fn count_on_sqlite(&self) -> Result<f64> {
        let options: SqliteConnectOptions = self.url.parse()?;
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let mut writer = SqliteConnection::connect_with(&options).await?;
        sqlx::query("CREATE TABLE plain (id INTEGER PRIMARY KEY, what TEXT NOT NULL)")
            .execute(&mut writer)
            .await?;
        let started = Instant::now();
        let mut commits = 0;
        while started.elapsed() < COUNTED {
            sqlx::query("INSERT INTO plain (what) VALUES (?)").bind(ROW).execute(&mut writer).await?;
            commits += 1;
        }
        let rate = per_second(commits, started.elapsed());
        sqlx::query("DROP TABLE plain").execute(&mut writer).await?;
        writer.close().await?;
        Ok(rate)
    }

    async fn count_on_postgres(&self, clients: usize) -> Result<f64> {
        let mut first = PgConnection::connect(&self.url).await?;
        let create =
            "CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL)";
        sqlx::query(create).execute(&mut first).await?;
        let mut connections = Vec::new();
        for _ in 0..clients {
            connections.push(PgConnection::connect(&self.url).await?);
        }
        let started = Instant::now();
        let mut writers = JoinSet::new();
        for mut writer in connections {
            writers.spawn(async move {
                let mut commits = 0;
                while started.elapsed() < COUNTED {
                    sqlx::query("INSERT INTO plain (what) VALUES ($1)")
                        .bind(ROW)
                        .execute(&mut writer)
                        .await?;
                    commits += 1;
                }
                writer.close().await?;
                anyhow::Ok(commits)
            });
        }
        let commits: u32 = writers.join_all().await.into_iter().sum::<Result<u32>>()?;
        let rate = per_second(commits, started.elapsed());
        sqlx::query("DROP TABLE plain").execute(&mut first).await?;
        first.close().await?;
        Ok(rate)
    }

    /// Runs statements, on a connection of their own.
    pub(crate) async fn execute(&self, sql: String) -> Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        match self.engine {
            Engine::Sqlite => {
                sql.execute(&mut SqliteConnection::connect(&self.url).await?).await?;
            }
            Engine::Postgres(_) => {
                sql.execute(&mut PgConnection::connect(&self.url).await?).await?;
            }
        }
        Ok(())
    }

    /// The one text column of a query's rows.
    pub(crate) async fn texts(&self, sql: String) -> Result<Vec<String>> {
        let sql = AssertSqlSafe(sql);
        Ok(match self.engine {
            Engine::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await?;
                sqlx::query_scalar(sql).fetch_all(&mut connection).await?
            }
            Engine::Postgres(_) => {
                let mut connection = PgConnection::connect(&self.url).await?;
                sqlx::query_scalar(sql).fetch_all(&mut connection).await?
            }
        })
    }

    /// How SQLite goes about a query.
    pub(crate) async fn query_plan(&self, sql: &str) -> Result<Vec<String>> {
        let mut connection = SqliteConnection::connect(&self.url).await?;
        let sql = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql).fetch_all(&mut connection).await?;
        Ok(steps.into_iter().map(|(_, _, _, step)| step).collect())
    }

    /// How many rows a condition leaves of a table.
    pub(crate) async fn count(&self, rows: &str) -> Result<u64> {
        let counted = self.texts(format!("SELECT CAST(COUNT(*) AS text) FROM {rows}")).await?;
        Ok(counted.first().context("nothing was counted")?.parse()?)
    }

    /// Whether this is SQLite.
    pub(crate) const fn is_sqlite(&self) -> bool {
        matches!(self.engine, Engine::Sqlite)
    }

    /// Gives the database back. A file of SQLite goes with its folder.
    pub(crate) async fn discard(self) -> Result<()> {
        let Engine::Postgres(server) = &self.engine else { return Ok(()) };
        let mut connection = PgConnection::connect(server).await?;
        let drop = AssertSqlSafe(format!("DROP DATABASE {} WITH (FORCE)", self.name));
        sqlx::query(drop).execute(&mut connection).await.map(|_| ()).context("the benchmark's database stays")
    }
}
