//! At millions of rows, what one user has used is looked up, not searched for: the databases say how they would do it.

use chrono_tz::Africa::Kinshasa;
use kernel::{Clock as _, Id, PageRequest, testing::Surroundings};
use radius::{queries::usage::SessionFilter, usage::Calendar};
use sea_orm::{EntityTrait as _, QueryFilter as _, QueryTrait as _, prelude::Uuid};

use crate::{
    Database, on_both_databases,
    radius::{radius_sessions as sessions, usage_reads, usage_rows, usage_sums},
    testing::TestDatabase,
};

on_both_databases!(one_users_usage_is_found_by_an_index);

/// The statements that are asked at each check, each batch and each list, and the index that each is to use.
fn hot(database: &Database, around: &Surroundings) -> [(String, &'static str); 5] {
    let (backend, now) =
        (sea_orm::ConnectionTrait::get_database_backend(database.reader()), around.clock.now());
    let (calendar, id) = (Calendar::at(now, Kinshasa), Uuid::from_u128(1));
    let filter = SessionFilter { owner: Some(Id::from_uuid(id)), ..SessionFilter::default() };
    let own = sessions::Entity::find().filter(usage_reads::condition(&filter));
    [
        (
            usage_sums::days(&[id], &calendar, Some(calendar.today)).build(backend).to_string(),
            "usage_ledger_subscriber_id_day",
        ),
        (
            usage_sums::earlier(&[id], calendar.today, now).build(backend).to_string(),
            "usage_ledger_subscriber_id_day",
        ),
        (usage_rows::named(&["a", "b"]).build(backend).to_string(), "radius_sessions_unique_id_generation"),
        (
            usage_reads::latest(own, PageRequest::new(1, 20)).build(backend).to_string(),
            "radius_sessions_user_id_started_at",
        ),
        (usage_rows::silent(now, 100).build(backend).to_string(), "radius_sessions_open"),
    ]
}

/// So many sessions and ledger rows that a database would rather not read them all.
const ROWS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)";

async fn one_users_usage_is_found_by_an_index(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    // SQLite keeps a UUID as sixteen bytes.
    let id = |number: &str| match database.is_sqlite() {
        true => format!("CAST(printf('%016d', {number}) AS blob)"),
        false => format!("('01900000-0000-7000-8000-' || lpad(({number})::text, 12, '0'))::uuid"),
    };
    let (id, few) = (id("i"), id("i % 500"));
    on.execute(&format!(
        "{ROWS} INSERT INTO radius_sessions (id, unique_id, generation, session_id, username, subscriber_id, user_id, \
         nas_address, started_at, last_seen_at, stopped_at, seconds, up, down, reports, reports_dropped, row_up, row_down) \
         SELECT {id}, 'u' || i, 1, 's', 'q', {few}, {few}, '10.0.0.1', '2026-01-17T11:00:00+00:00', \
         '2026-01-17T11:00:00+00:00', '2026-01-17T11:30:00+00:00', 1, 1, 1, '[]', false, 1, 1 FROM n"
    ))
    .await;
    on.execute(&format!(
        "{ROWS} INSERT INTO usage_ledger (session_id, day, subscriber_id, up, down) \
         SELECT {id}, '2026-01-17', {few}, 1, 1 FROM n"
    ))
    .await;
    on.execute("ANALYZE").await;
    for (statement, index) in hot(&database, &around) {
        let plan = match database.is_sqlite() {
            true => plan_of_sqlite(&database, &statement).await,
            false => on.texts(&format!("EXPLAIN {statement}")).await.join("\n"),
        };
        assert!(plan.contains(index), "{statement}\n{plan}");
        // The queue alone may be read from end to end: it is empty but for a moment.
        let scans = plan.lines().filter(|line| line.contains("SCAN ") || line.contains("Seq Scan on "));
        for scan in scans.filter(|scan| !scan.contains("radacct_observations")) {
            assert!(scan.contains("USING"), "{statement}\n{plan}");
        }
    }
}

async fn plan_of_sqlite(database: &Database, statement: &str) -> String {
    use sea_orm::ConnectionTrait as _;
    let sql = format!("EXPLAIN QUERY PLAN {statement}");
    let query = sea_orm::Statement::from_string(database.reader().get_database_backend(), sql);
    let rows = database.reader().query_all_raw(query).await.unwrap();
    rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap()).collect::<Vec<_>>().join("\n")
}
