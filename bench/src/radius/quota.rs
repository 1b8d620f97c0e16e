//! One user is held against a quota, first while nobody has used anything, then while the tables have millions of rows.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use chrono_tz::Africa::Kinshasa;
use kernel::{Ambient, Id};
use persistence::DatabaseOptions;
use radius::usage::Calendar;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::{USERS, campus::Campus};
use crate::{
    customer::{Customer, text},
    database::{Engine, FreshDatabase},
    figures::{Spread, median},
};

/// How many sessions there have been.
pub(super) const SESSIONS: u32 = 2_000_000;
/// How often is asked.
const QUESTIONS: u32 = 500;
/// How often FreeRADIUS's own query is measured.
const REPEATS: usize = 5;

/// How it went.
pub(super) struct QuotaCheck {
    /// The database, with its version.
    pub(super) database: String,
    /// The user's own look at what is used and left: nobody has used anything, and with all sessions.
    pub(super) own: [Spread; 2],
    /// `explain`, which decides as a login does.
    pub(super) explain: [Spread; 2],
    /// The statement that sums up what is used, and how the database does it.
    pub(super) plan: (String, String),
    /// Seconds that FreeRADIUS's own daily counter takes, with FreeRADIUS's own indexes and with the portal's.
    pub(super) counter: Option<[f64; 2]>,
}

impl QuotaCheck {
    /// Asks on a new campus, fills its tables, and asks again.
    pub(super) async fn run(portal: &Path, engine: &Engine) -> Result<Self> {
        let database = engine.version().await?;
        eprintln!("quotas on {database}");
        let campus = Campus::open(portal, engine, &[]).await?;
        let someone = Someone::on(&campus).await?;
        campus.activate().await?;
        campus.until_idle().await?;
        let (own, explain) = (someone.looks().await?, someone.is_explained(&campus).await?);
        fill(&campus.database).await?;
        let own = [own, someone.looks().await?];
        let explain = [explain, someone.is_explained(&campus).await?];
        let plan = plan(&campus.database, someone.subscriber).await?;
        let counter = match engine {
            Engine::Sqlite => None,
            Engine::Postgres(_) => Some(counter(&campus.database).await?),
        };
        campus.close().await?;
        Ok(Self { database, own, explain, plan, counter })
    }
}

/// Somebody who can sign in to the portal, with the same profile as everybody.
struct Someone {
    customer: Customer,
    username: String,
    subscriber: Uuid,
}

impl Someone {
    async fn on(campus: &Campus) -> Result<Self> {
        let customer = Customer::sign_in(campus.portal.base.clone(), 0).await?;
        let me = customer.ask(Method::GET, "/api/v1/me", None).await?;
        let id = text(&me, "/id")?;
        let assigned = json!({ "access_profile_id": campus.profile, "reason": "the benchmark" });
        let path = format!("/api/v1/admin/users/{id}/access-profile");
        campus.until_idle().await?;
        campus.admin.ask(Method::PUT, &path, Some(&assigned)).await?;
        let hex = if campus.database.is_sqlite() { "lower(hex(id))" } else { "id::text" };
        let find =
            format!("SELECT {hex} || ' ' || username FROM subscribers WHERE own_profile_id IS NOT NULL");
        let found = campus.database.texts(find).await?;
        let found = found.first().and_then(|found| found.split_once(' '));
        let (subscriber, username) = found.context("nobody has a profile of their own")?;
        Ok(Self { customer, username: username.to_owned(), subscriber: subscriber.parse()? })
    }

    async fn looks(&self) -> Result<Spread> {
        ask(&self.customer, "/api/v1/profile-usage/me").await
    }

    async fn is_explained(&self, campus: &Campus) -> Result<Spread> {
        ask(&campus.admin, &format!("/api/v1/admin/radius/explain/{}", self.username)).await
    }
}

async fn ask(customer: &Customer, path: &str) -> Result<Spread> {
    let mut times = Vec::new();
    for _ in 0..QUESTIONS {
        let started = Instant::now();
        customer.ask(Method::GET, path, None).await?;
        times.push(started.elapsed());
    }
    Spread::of(times).context("nothing was asked")
}

/// Gives everybody as many sessions, one a day back from yesterday, in FreeRADIUS's table, among the portal's sessions,
/// and in its ledger.
async fn fill(database: &FreshDatabase) -> Result<()> {
    let everybody = u64::from(USERS) + 1;
    let words = if database.is_sqlite() { SQLITE } else { POSTGRES };
    let Words { before, after, id, moment, date, address } = words;
    database
        .execute(
            "CREATE TABLE bench_names AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, user_id, username \
             FROM subscribers WHERE enabled OR own_profile_id IS NOT NULL; \
             CREATE UNIQUE INDEX bench_names_n ON bench_names (n)"
                .to_owned(),
        )
        .await?;
    let named = database.count("bench_names").await?;
    ensure!(named == everybody, "there are {named} users");
    let numbers =
        format!("WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {SESSIONS})");
    let from = format!("FROM s JOIN bench_names b ON b.n = s.i % {everybody}");
    let days = format!("(1 + s.i / {everybody})");
    let (moment, date) = (moment.replace("DAYS", &days), date.replace("DAYS", &days));
    database
        .execute(format!(
            "{before} {numbers} INSERT INTO radius_sessions (id, unique_id, generation, session_id, username, \
             subscriber_id, user_id, nas_address, started_at, last_seen_at, stopped_at, seconds, up, down, reports, \
             reports_dropped, row_up, row_down) \
             SELECT {id}, 'u' || s.i, 1, 's' || s.i, b.username, b.id, b.user_id, '10.0.0.1', {moment}, {moment}, \
             {moment}, 600, 1000000, 1000000, '[]', false, 1000000, 1000000 {from}; \
             {numbers} INSERT INTO usage_ledger (session_id, day, subscriber_id, up, down) \
             SELECT {id}, {date}, b.id, 1000000, 1000000 {from}; \
             {numbers} INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime, \
             acctupdatetime, acctstoptime, acctsessiontime, acctinputoctets, acctoutputoctets, callingstationid) \
             SELECT 's' || s.i, 'u' || s.i, b.username, {address}, {moment}, {moment}, {moment}, 600, 1000000, 1000000, \
             '02:00:5E:00:53:01' {from}; {after}"
        ))
        .await
        .context("the tables cannot be filled")?;
    let rows = database.count("radacct").await?;
    ensure!(rows == u64::from(SESSIONS), "radacct has {rows} rows");
    Ok(())
}

/// What the two databases say differently. The trigger that keeps states for ingestion is left out of this: it is
/// measured elsewhere.
struct Words {
    before: &'static str,
    after: &'static str,
    id: &'static str,
    moment: &'static str,
    date: &'static str,
    address: &'static str,
}

const POSTGRES: Words = Words {
    before: "ALTER TABLE radacct DISABLE TRIGGER radacct_observed;",
    after: "ALTER TABLE radacct ENABLE TRIGGER radacct_observed; ANALYZE",
    id: "('01900000-0000-7000-8000-' || lpad(s.i::text, 12, '0'))::uuid",
    moment: "now() - DAYS * interval '1 day'",
    date: "current_date - DAYS::int",
    address: "inet '10.0.0.1'",
};

const SQLITE: Words = Words {
    before: "PRAGMA cache_size = -1000000; BEGIN IMMEDIATE;",
    after: "DELETE FROM radacct_observations; COMMIT; ANALYZE",
    id: "CAST(printf('%016d', s.i) AS blob)",
    moment: "strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '-' || DAYS || ' days')",
    date: "date('now', '-' || DAYS || ' days')",
    address: "'10.0.0.1'",
};

/// The statement that a check of a quota asks, and how the database answers it.
async fn plan(database: &FreshDatabase, subscriber: Uuid) -> Result<(String, String)> {
    let ambient = Ambient::system();
    let slow_statement = Duration::from_secs(60);
    let options = DatabaseOptions { url: database.url.clone(), max_connections: 1, slow_statement };
    let portals = persistence::Database::connect(options, ambient.clone()).await?;
    let calendar = Calendar::at(ambient.now(), Kinshasa);
    let statement = portals.usage_statement(Id::from_uuid(subscriber), &calendar);
    let plan = match database.is_sqlite() {
        true => database.query_plan(&statement).await?,
        false => database.texts(format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {statement}")).await?,
    };
    let plan = plan.join("\n");
    ensure!(
        plan.contains("usage_ledger_subscriber_id_day"),
        "the ledger is searched without its index:\n{plan}"
    );
    Ok((statement, plan))
}

/// FreeRADIUS's own way (rlm_sqlcounter, `dailycounter`, with octets in place of seconds), with the indexes of its own
/// schema, and with those that the portal adds.
async fn counter(database: &FreshDatabase) -> Result<[f64; 2]> {
    let name = super::campus::name(0);
    let midnight = "date_trunc('day', now())";
    let query = format!(
        "SELECT CAST(COALESCE(SUM(acctinputoctets + acctoutputoctets), 0) AS text) FROM radacct WHERE username = '{name}' \
         AND EXTRACT(epoch FROM acctstarttime) + acctsessiontime > EXTRACT(epoch FROM {midnight})"
    );
    let ours = timed(database, &query).await?;
    database
        .execute("DROP INDEX radacct_username_open; DROP INDEX radacct_username_start".to_owned())
        .await?;
    Ok([timed(database, &query).await?, ours])
}

async fn timed(database: &FreshDatabase, query: &str) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..REPEATS {
        let started = Instant::now();
        database.texts(query.to_owned()).await?;
        times.push(started.elapsed().as_secs_f64());
    }
    median(times).context("nothing was measured")
}
