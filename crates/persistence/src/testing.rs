//! Databases for tests: one of its own for every test, on SQLite and on PostgreSQL.
//!
//! PostgreSQL is the server that `TEST_POSTGRES_URL` names, by an account that may create databases. Without it
//! that half of the tests passes without looking at anything; `cargo xtask test` starts a server, and says so
//! when it cannot.

use std::time::Duration;

use kernel::{Ambient, testing::Surroundings};
use sea_orm::{ConnectionTrait as _, Statement};
use tempfile::TempDir;

use crate::{Database, DatabaseOptions};

/// A database for one test, gone with it.
pub struct TestDatabase {
    url: String,
    folder: TempDir,
    _dropped: Option<DroppedDatabase>,
}

impl TestDatabase {
    /// A file of SQLite.
    ///
    /// # Panics
    /// When there is no place for temporary files.
    #[must_use]
    #[expect(clippy::expect_used, reason = "for tests alone")]
    pub fn sqlite() -> Self {
        let folder = TempDir::new().expect("a folder for temporary files");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
        Self { url, folder, _dropped: None }
    }

    /// A database on the server for tests, if there is one.
    ///
    /// # Panics
    /// When the server does not let us create a database.
    #[expect(clippy::expect_used, reason = "for tests alone")]
    pub async fn postgres() -> Option<Self> {
        let server = std::env::var("TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty())?;
        let folder = TempDir::new().expect("a folder for temporary files");
        let name = format!("test_{}", Ambient::system().uuid_v4().simple());
        execute(&server, &format!("CREATE DATABASE {name}")).await.expect("a database for a test");
        let address = server.rsplit_once('/').map_or(server.as_str(), |(address, _)| address);
        let url = format!("{address}/{name}");
        Some(Self { url, folder, _dropped: Some(DroppedDatabase { server, name }) })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A folder that is gone with the database.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Runs a statement on a connection of its own, as somebody with a database tool would, and says how many
    /// rows it changed.
    ///
    /// # Panics
    /// When the database does not take it.
    #[expect(clippy::expect_used, reason = "for tests alone")]
    pub async fn execute(&self, sql: &str) -> u64 {
        self.try_to_execute(sql).await.expect("a statement beside the portal")
    }

    /// The same, or what the database says against it.
    ///
    /// # Errors
    /// The database's words.
    ///
    /// # Panics
    /// When there is no connection.
    #[expect(clippy::expect_used, reason = "for tests alone")]
    pub async fn try_to_execute(&self, sql: &str) -> Result<u64, String> {
        let connection = sea_orm::Database::connect(&self.url).await.expect("a connection beside the portal");
        let changed = connection.execute_unprepared(sql).await;
        connection.close().await.expect("the end of a connection");
        changed.map(|changed| changed.rows_affected()).map_err(|error| error.to_string())
    }

    /// The one text column of a query's rows, on a connection of its own; nulls are left out.
    ///
    /// # Panics
    /// When the database does not take it, or the first column is not a text.
    #[expect(clippy::expect_used, reason = "for tests alone")]
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let connection = sea_orm::Database::connect(&self.url).await.expect("a connection beside the portal");
        let query = Statement::from_string(connection.get_database_backend(), sql);
        let rows = connection.query_all_raw(query).await.expect("a query beside the portal");
        connection.close().await.expect("the end of a connection");
        let texts = rows.iter().map(|row| row.try_get_by_index::<Option<String>>(0).expect("a text"));
        texts.flatten().collect()
    }

    /// Connects, with the whole schema.
    ///
    /// # Panics
    /// When the database cannot be used.
    #[expect(clippy::expect_used, reason = "for tests alone")]
    pub async fn connect(&self, around: &Surroundings) -> Database {
        let slow_statement = Duration::from_secs(30);
        let options = DatabaseOptions { url: self.url.clone(), max_connections: 8, slow_statement };
        let database = Database::connect(options, around.ambient()).await.expect("a database for a test");
        database.migrate_up().await.expect("the schema");
        database
    }
}

/// A database on a server, dropped with this value.
struct DroppedDatabase {
    server: String,
    name: String,
}

impl Drop for DroppedDatabase {
    fn drop(&mut self) {
        let (server, sql) = (self.server.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        // A thread of its own, as the test's runtime may be ending.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(execute(&server, &sql)).map_err(std::io::Error::other)
        });
        if !matches!(dropping.join(), Ok(Ok(()))) {
            tracing::warn!(database = %self.name, "a test's database is left behind");
        }
    }
}

async fn execute(server: &str, sql: &str) -> Result<(), sea_orm::DbErr> {
    let connection = sea_orm::Database::connect(server).await?;
    connection.execute_unprepared(sql).await?;
    connection.close().await
}

/// Makes a test on each database of every named function, which takes a [`TestDatabase`].
#[macro_export]
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    super::$test($crate::testing::TestDatabase::sqlite()).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    if let Some(database) = $crate::testing::TestDatabase::postgres().await {
                        super::$test(database).await;
                    }
                }
            )+
        }
    };
}
