//! Connecting. SQLite has one writer and many readers, so commands and lists take different pools; on
//! PostgreSQL both are one pool.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use kernel::{Ambient, StoreError};
use log::LevelFilter;
use migrations::Migrator;
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use tokio::sync::Notify;

use crate::{error::store_error, events::Subscriptions, tx::Tx};

/// How to connect.
#[derive(Debug, Clone)]
pub struct DatabaseOptions {
    /// `sqlite://data/portal.db?mode=rwc` or `postgres://user:password@host/name`.
    pub url: String,
    /// The most connections of one pool. SQLite's writer pool always has one.
    pub max_connections: u32,
    /// Statements slower than this are logged as warnings.
    pub slow_statement: Duration,
}

/// Something that is told when a transaction is about to be committed and when it has been: a test's way to
/// stop the process between the two.
pub type CommitProbe = Arc<dyn Fn(&'static str) + Send + Sync>;

/// A connected database. Cloning is cheap and shares the pools.
#[derive(Clone)]
pub struct Database {
    options: DatabaseOptions,
    write: DatabaseConnection,
    read: DatabaseConnection,
    pub(crate) shared: Arc<Shared>,
}

/// What every transaction of a database needs besides its connection.
pub(crate) struct Shared {
    pub(crate) ambient: Ambient,
    /// Said once, by the composition: consumers are made of services that need the database themselves.
    pub(crate) subscriptions: OnceLock<Subscriptions>,
    pub(crate) wake: Arc<Notify>,
    pub(crate) probe: OnceLock<CommitProbe>,
}

impl Database {
    /// Connects. Nobody is told of events until [`Database::subscribe`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached or opened.
    pub async fn connect(options: DatabaseOptions, ambient: Ambient) -> Result<Self, StoreError> {
        let (write, read) = open(&options).await?;
        let (subscriptions, wake, probe) = (OnceLock::new(), Arc::new(Notify::new()), OnceLock::new());
        let shared = Arc::new(Shared { ambient, subscriptions, wake, probe });
        Ok(Self { options, write, read, shared })
    }

    /// Says who is told of events, here and for every other handle of this database. The first to say it is
    /// heeded.
    pub fn subscribe(&self, subscriptions: Subscriptions) {
        let _ = self.shared.subscriptions.set(subscriptions);
    }

    /// Has `probe` told of every commit, here and for every other handle of this database. The first is heeded.
    pub fn probe_commits(&self, probe: CommitProbe) {
        let _ = self.shared.probe.set(probe);
    }

    /// The same database for work in the background. A PostgreSQL connection belongs to the runtime that opened
    /// it and dies with it, so that background work must not borrow those of HTTP workers; SQLite's connections
    /// have threads of their own and are shared.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn for_background(&self) -> Result<Self, StoreError> {
        if self.is_sqlite() {
            return Ok(self.clone());
        }
        let (write, read) = open(&self.options).await?;
        Ok(Self { options: self.options.clone(), write, read, shared: self.shared.clone() })
    }

    /// Woken whenever a transaction of this process has put jobs in the queue.
    #[must_use]
    pub fn wake(&self) -> Arc<Notify> {
        self.shared.wake.clone()
    }

    /// Whether this is SQLite, whose file belongs to one machine.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.write.get_database_backend() == DbBackend::Sqlite
    }

    /// Begins a transaction. On SQLite it takes the write lock at once: a transaction that reads first and
    /// writes later would fail there as soon as another has written in between.
    pub(crate) async fn begin_tx(&self) -> Result<Tx, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let connection = self.write.begin_with_options(options).await.map_err(store_error)?;
        Ok(Tx::new(connection, self.shared.clone()))
    }

    /// For lists and details: never waits for a writer.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Where it is; there may be a password in it.
    pub(crate) fn url(&self) -> &str {
        &self.options.url
    }

    /// For single statements that write by themselves, such as taking a lease.
    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.write
    }

    pub(crate) fn ambient(&self) -> &Ambient {
        &self.shared.ambient
    }

    /// Answers when the database does.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read.ping().await.map_err(store_error)
    }

    /// Applies every step of the schema that is missing. Several processes may try at once: on PostgreSQL an
    /// advisory lock lets one go first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn migrate_up(&self) -> Result<(), StoreError> {
        if self.is_sqlite() {
            return Migrator::up(&self.write, None).await.map_err(store_error);
        }
        // A number of our own for "the schema is being changed"; released with the transaction.
        const MIGRATING: &str = "SELECT pg_advisory_xact_lock(7263114905)";
        let lock = self.write.begin().await.map_err(store_error)?;
        lock.execute_unprepared(MIGRATING).await.map_err(store_error)?;
        Migrator::up(&self.write, None).await.map_err(store_error)?;
        lock.commit().await.map_err(store_error)
    }

    /// Undoes the last `steps` steps of the schema, with the data in them. For development.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn migrate_down(&self, steps: u32) -> Result<(), StoreError> {
        Migrator::down(&self.write, Some(steps)).await.map_err(store_error)
    }

    /// Every step of the schema by name, and whether it is applied.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn migration_status(&self) -> Result<Vec<(String, bool)>, StoreError> {
        let steps = Migrator::get_migration_with_status(&self.write).await.map_err(store_error)?;
        let applied = sea_orm_migration::MigrationStatus::Applied;
        Ok(steps.iter().map(|step| (step.name().to_owned(), step.status() == applied)).collect())
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL may carry a password.
        write!(f, "Database({:?})", self.write.get_database_backend())
    }
}

async fn open(options: &DatabaseOptions) -> Result<(DatabaseConnection, DatabaseConnection), StoreError> {
    let mut connect = ConnectOptions::new(&options.url);
    connect
        .connect_timeout(Duration::from_secs(10))
        .acquire_timeout(Duration::from_secs(20))
        .sqlx_logging_level(LevelFilter::Trace)
        .sqlx_slow_statements_logging_settings(LevelFilter::Warn, options.slow_statement);
    if !options.url.starts_with("sqlite:") {
        connect.max_connections(options.max_connections);
        let pool = sea_orm::Database::connect(connect).await.map_err(store_error)?;
        return Ok((pool.clone(), pool));
    }
    // FULL, so that a paid order outlives a power cut: with WAL, NORMAL may lose the last commits.
    connect.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(15))
            .foreign_keys(true)
    });
    let mut readers = connect.clone();
    readers.max_connections(options.max_connections);
    connect.max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
    let write = sea_orm::Database::connect(connect).await.map_err(store_error)?;
    let read = sea_orm::Database::connect(readers).await.map_err(store_error)?;
    Ok((write, read))
}
