//! The portal of a campus: a profile, a promotion that has it, and everybody in the promotion.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use kernel::{
    Ambient, Id, Sealer,
    id::ids::{PromotionId, UserId},
    sealed::Purpose,
};
use persistence::DatabaseOptions;
use radius::{Subscriber, ports::RadiusStore as _, testing::member};
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use super::USERS;
use crate::{
    customer::{Customer, text},
    database::{DISK, Engine, FreshDatabase},
    portal::Portal,
};

/// What seals the secrets of the campus.
const KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
/// The pause between two looks.
const LOOK: Duration = Duration::from_millis(20);
/// The longest that something may take before the benchmark gives up: much longer than it ever does.
const PATIENCE: Duration = Duration::from_secs(900);

/// A running campus.
pub(super) struct Campus {
    pub(super) portal: Portal,
    /// Its administrator.
    pub(super) admin: Customer,
    /// The promotion to which all belong.
    pub(super) promotion: String,
    /// The profile that it has.
    pub(super) profile: String,
    pub(super) database: FreshDatabase,
    binary: PathBuf,
    folder: TempDir,
}

impl Campus {
    /// Opens one on a new database, with settings of the benchmark's own. Nobody has access yet.
    pub(super) async fn open(binary: &Path, engine: &Engine, own: &[(&str, String)]) -> Result<Self> {
        let folder = tempfile::tempdir_in(DISK).context("a folder for the benchmark")?;
        let database = engine.create(folder.path()).await?;
        let portal = start(binary, &database, folder.path(), own).await?;
        let admin = Customer::sign_in_as_admin(portal.base.clone()).await?;
        let profile = json!({
            "name": "Students", "quota_type": "limited", "upload_kbps": 512, "download_kbps": 2048,
            "daily_limit": 5_368_709_120_u64, "session_timeout": 60, "idle_timeout": 10, "validity_days": 30,
        });
        let made = admin.ask(Method::POST, "/api/v1/admin/access-profiles", Some(&profile)).await?;
        let profile = text(&made, "/id")?.to_owned();
        let promotion = json!({ "name": "L1", "access_profile_id": profile });
        let promotion = admin.ask(Method::POST, "/api/v1/admin/promotions", Some(&promotion)).await?;
        let promotion = text(&promotion, "/id")?.to_owned();
        enrol(&database.url, promotion.parse().context("a promotion's id")?).await?;
        Ok(Self { portal, admin, promotion, profile, database, binary: binary.to_owned(), folder })
    }

    /// Ends the portal and starts it with other settings. Its database stays.
    pub(super) async fn restart(self, own: &[(&str, String)]) -> Result<Self> {
        self.portal.stop().await?;
        let portal = start(&self.binary, &self.database, self.folder.path(), own).await?;
        let admin = Customer::sign_in_as_admin(portal.base.clone()).await?;
        Ok(Self { portal, admin, ..self })
    }

    /// Where files can be put that go with the campus.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Gives everybody access. Says how long the call took.
    pub(super) async fn activate(&self) -> Result<Duration> {
        self.switch("activate", "users_enabled").await
    }

    /// Takes everybody's access. Says how long the call took.
    pub(super) async fn deactivate(&self) -> Result<Duration> {
        self.switch("deactivate", "users_disabled").await
    }

    async fn switch(&self, how: &str, counted: &str) -> Result<Duration> {
        let path = format!("/api/v1/promotions/{}/{how}", self.promotion);
        let started = Instant::now();
        let answer = self.admin.ask(Method::POST, &path, Some(&json!({}))).await?;
        let took = started.elapsed();
        ensure!(answer[counted].as_u64() == Some(u64::from(USERS)), "{how}: {answer}");
        Ok(took)
    }

    /// Waits until a table has no row that fulfils a condition. Says how long that took.
    pub(super) async fn until_none(&self, rows: &str) -> Result<Duration> {
        let started = Instant::now();
        while self.database.count(&format!("(SELECT 1 FROM {rows} LIMIT 1) AS rest")).await? > 0 {
            ensure!(started.elapsed() < PATIENCE, "there are still {rows}; {}", self.portal.last_words());
            tokio::time::sleep(LOOK).await;
        }
        Ok(started.elapsed())
    }

    /// Waits until the worker has nothing to do. Says how long that took.
    pub(super) async fn until_idle(&self) -> Result<Duration> {
        let now = Ambient::system().now().to_rfc3339();
        self.until_none(&format!("jobs WHERE status = 'waiting' AND run_at <= '{now}'")).await
    }

    /// Closes it.
    pub(super) async fn close(self) -> Result<()> {
        self.portal.stop().await?;
        self.database.discard().await
    }
}

async fn start(
    binary: &Path,
    database: &FreshDatabase,
    folder: &Path,
    own: &[(&str, String)],
) -> Result<Portal> {
    let mut settings = vec![("APP_KEY", KEY.to_owned())];
    let by_the_clock = ["CRON_INGEST_ACCOUNTING", "CRON_CHECK_PROFILE_ALERTS"];
    settings.extend(by_the_clock.map(|name| (name, "0 0 1 1 *".to_owned())));
    settings.extend_from_slice(own);
    Portal::start(binary, &database.url, folder, &settings).await
}

/// The name of somebody on the campus.
pub(super) fn name(number: u32) -> String {
    format!("et-{number:05}")
}

/// Their secret.
pub(super) fn secret(number: u32) -> String {
    format!("Zebra-Quartz-{number:05}")
}

/// Writes down everybody as the portal does when it hears of their accounts: to make 10,000 accounts over HTTP would
/// take the time of 10,000 password hashes, and measure nothing that is of interest here.
async fn enrol(url: &str, promotion: PromotionId) -> Result<()> {
    let ambient = Ambient::system();
    let sealer = Sealer::new(KEY, None, ambient.clone())?;
    let slow_statement = Duration::from_secs(60);
    let options = DatabaseOptions { url: url.to_owned(), max_connections: 1, slow_statement };
    let database = persistence::Database::connect(options, ambient.clone()).await?;
    let mut tx = database.begin().await?;
    for number in 0..USERS {
        let user: UserId = Id::generate(&ambient);
        let sealed = sealer.seal(Purpose::RadiusSecret, &user, &secret(number))?;
        let known = member(&ambient, user, &name(number), sealed);
        let member = Subscriber { promotion_id: Some(promotion), ..known };
        ensure!(tx.insert_subscriber(&member).await?, "{} is there already", member.username);
    }
    tx.commit().await.context("everybody's accounts")
}
