//! `bench shop`: a batch of vouchers as large as one may be, made, printed and redeemed, on each database.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    customer::{Customer, text},
    database::{DISK, Engine, FreshDatabase},
    figures::mean,
    machine,
    portal::Portal,
};

mod report;

/// How many vouchers are made with one request: as many as one batch may have.
const VOUCHERS: u32 = 10_000;
/// How many of them are redeemed, by so many guests at once.
const REDEEMED: usize = 2_000;
const GUESTS: usize = 16;
/// The forms in which they are printed, those that take least memory first.
const FORMS: [&str; 3] = ["csv", "a4", "roll58"];

/// What a round has shown.
struct Round {
    /// The database, with its version.
    database: String,
    /// How long it took to make all vouchers.
    made_in: Duration,
    /// How long it took to print all of them in a form, how large the file was, and how much memory the portal had held
    /// by then, in KiB, where the system tells.
    printed: Vec<(&'static str, Duration, usize, Option<u64>)>,
    /// How long it took to redeem some.
    redeemed_in: Duration,
    /// How many plain commits per second the same database took from one client, and from as many as redeemed.
    commits_per_second: (f64, f64),
}

/// Runs a round on SQLite, and on PostgreSQL if there is one.
pub(crate) async fn run(portal: &Path, postgres: Option<String>) -> Result<String> {
    let engines: Vec<_> = [Engine::Sqlite].into_iter().chain(postgres.map(Engine::Postgres)).collect();
    let machine = machine::description();
    let mut rounds = Vec::new();
    for engine in &engines {
        engine.must_be_durable().await?;
        let version = engine.version().await?;
        eprintln!("{version}, {VOUCHERS} vouchers");
        let folder = tempfile::tempdir_in(DISK).context("a folder for the benchmark")?;
        let database = engine.create(folder.path()).await?;
        let round = measure(portal, &database, folder.path()).await;
        database.discard().await?;
        rounds.push(Round { database: version, ..round? });
    }
    Ok(report::of_vouchers(&machine, &rounds))
}

async fn measure(binary: &Path, database: &FreshDatabase, folder: &Path) -> Result<Round> {
    let alone = database.plain_commits_per_second(1).await?;
    let before = database.plain_commits_per_second(GUESTS).await?;
    let portal = Portal::start(binary, &database.url, folder, &[]).await?;
    let round = work(&portal).await.with_context(|| portal.last_words())?;
    portal.verify_ledger().await?;
    portal.stop().await?;
    let after = database.plain_commits_per_second(GUESTS).await?;
    Ok(Round { commits_per_second: (alone, mean(before, after)), ..round })
}

async fn work(portal: &Portal) -> Result<Round> {
    let admin = Customer::sign_in_as_admin(portal.base.clone()).await?;
    let body =
        json!({ "name": "kiosk", "user_profile_id": admin.package, "count": VOUCHERS, "prefix": "GMB" });
    let started = Instant::now();
    let batch = admin.ask(Method::POST, "/api/v1/admin/voucher-batches", Some(&body)).await?;
    let made_in = started.elapsed();
    let path = format!("/api/v1/admin/voucher-batches/{}/print", text(&batch, "/id")?);
    let (mut printed, mut codes) = (Vec::new(), Vec::new());
    for form in FORMS {
        let started = Instant::now();
        let file = admin.file(&path, &json!({ "form": form, "reason": "to measure it" })).await?;
        printed.push((form, started.elapsed(), file.len(), portal.peak_memory()));
        if form == "csv" {
            let lines = String::from_utf8(file).context("a CSV that is no text")?;
            codes =
                lines.lines().skip(1).filter_map(|line| line.split(',').nth(1).map(str::to_owned)).collect();
        }
    }
    codes.truncate(REDEEMED);
    let redeemed_in = redeem(portal, codes).await?;
    let (database, commits_per_second) = (String::new(), (0.0, 0.0));
    Ok(Round { database, made_in, printed, redeemed_in, commits_per_second })
}

/// Has guests redeem codes, each one after the other; how long that took.
async fn redeem(portal: &Portal, codes: Vec<String>) -> Result<Duration> {
    let parts: Vec<Vec<String>> =
        codes.chunks(codes.len().div_ceil(GUESTS)).map(<[String]>::to_vec).collect();
    let started = Instant::now();
    let mut guests = JoinSet::new();
    for codes in parts {
        let guest = Customer::as_guest(portal.base.clone())?;
        guests.spawn(async move {
            for code in codes {
                let body = json!({ "code": code });
                guest.ask(Method::POST, "/api/v1/vouchers/redeem", Some(&body)).await?;
            }
            anyhow::Ok(())
        });
    }
    guests.join_all().await.into_iter().collect::<Result<Vec<()>>>()?;
    Ok(started.elapsed())
}
