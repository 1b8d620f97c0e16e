//! What servers have written down of sessions is taken in: sessions, the ledger of usage, everybody's quota.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use super::{USERS, campus::Campus};
use crate::database::Engine;

/// How often each session is written: its start, reports, its stop.
const STATES: u32 = 10;
/// What each report adds.
const BYTES: u32 = 1_000_000;

/// How it went.
pub(super) struct Ingestion {
    /// The database, with its version.
    pub(super) database: String,
    /// How many states of sessions there were.
    pub(super) rows: u32,
    /// How long the database took to write them, which is the least that servers need for it.
    pub(super) written: Duration,
    /// From then until all were counted.
    pub(super) taken_in: Duration,
    /// From then until everybody's quota had been checked.
    pub(super) checked: Duration,
    /// The most memory of the portal before and after, in KiB, where the system tells.
    pub(super) memory: [Option<u64>; 2],
}

impl Ingestion {
    /// Has a campus where everybody has been online do it.
    pub(super) async fn run(portal: &Path, engine: &Engine) -> Result<Self> {
        let database = engine.version().await?;
        eprintln!("ingestion on {database}");
        let campus = Campus::open(portal, engine, &[]).await?;
        campus.activate().await?;
        campus.until_idle().await?;
        let before = campus.portal.peak_memory();
        let started = Instant::now();
        campus.database.execute(sessions(campus.database.is_sqlite())).await?;
        let written = started.elapsed();
        let started = Instant::now();
        campus.until_none("radacct_observations").await?;
        let taken_in = started.elapsed();
        campus.until_none("jobs WHERE status = 'waiting' AND kind = 'radius.check_quotas'").await?;
        let checked = started.elapsed();
        let memory = [before, campus.portal.peak_memory()];
        let counted =
            campus.database.texts("SELECT CAST(SUM(up + down) AS text) FROM usage_ledger".to_owned()).await?;
        let expected = u64::from(USERS) * u64::from(STATES - 1) * 2 * u64::from(BYTES);
        let sum = counted.first().context("nothing was counted")?;
        ensure!(*sum == expected.to_string(), "{sum} bytes were counted of {expected}");
        campus.portal.command(&["quota", "prove"]).await?;
        campus.close().await?;
        Ok(Self { database, rows: USERS * STATES, written, taken_in, checked, memory })
    }
}

/// Everybody's session from the start to the stop, in one transaction.
fn sessions(sqlite: bool) -> String {
    let (begin, now) = match sqlite {
        true => ("BEGIN IMMEDIATE", "strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')"),
        false => ("BEGIN", "now()"),
    };
    let start = format!(
        "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime, acctupdatetime, \
         acctsessiontime, acctinputoctets, acctoutputoctets, callingstationid) \
         SELECT 's' || username, 'u' || username, username, '10.20.0.1', {now}, {now}, 0, 0, 0, '02:00:5E:00:53:01' \
         FROM subscribers WHERE enabled;"
    );
    let report = format!(
        "UPDATE radacct SET acctsessiontime = acctsessiontime + 1, acctinputoctets = acctinputoctets + {BYTES}, \
         acctoutputoctets = acctoutputoctets + {BYTES};"
    );
    let reports: String = (2..STATES).map(|_| report.as_str()).collect();
    let stop =
        report.replace("SET", &format!("SET acctstoptime = {now}, acctterminatecause = 'User-Request',"));
    format!("{begin}; {start} {reports} {stop} COMMIT")
}
