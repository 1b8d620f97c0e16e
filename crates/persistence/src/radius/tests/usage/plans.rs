//! At millions of rows, what one user has used is looked up, not searched for: the databases say how they would do it.

use kernel::testing::Surroundings;

use crate::{on_both_databases, testing::TestDatabase};

on_both_databases!(one_users_usage_is_found_by_an_index);

/// The statements that are asked at each check and each list, as the store writes them but for their values, and the
/// index that each is to use.
const HOT: [(&str, &str); 5] = [
    (
        "SELECT SUM(CASE WHEN day >= '2026-01-17' THEN up + down ELSE 0 END) FROM usage_ledger \
         WHERE subscriber_id = '01900000-0000-7000-8000-000000000001' AND day >= '2026-01-01'",
        "usage_ledger_subscriber_id_day",
    ),
    (
        "SELECT SUM(l.up + l.down) FROM usage_ledger l JOIN radius_sessions s ON s.id = l.session_id \
         WHERE l.subscriber_id = '01900000-0000-7000-8000-000000000001' AND l.day = '2026-01-17' \
         AND s.stopped_at < '2026-01-17T12:00:00+00:00'",
        "usage_ledger_subscriber_id_day",
    ),
    (
        "SELECT * FROM radius_sessions WHERE unique_id IN ('a', 'b') ORDER BY generation DESC",
        "radius_sessions_unique_id_generation",
    ),
    (
        "SELECT * FROM radius_sessions WHERE user_id = '01900000-0000-7000-8000-000000000001' \
         ORDER BY started_at DESC LIMIT 20",
        "radius_sessions_user_id_started_at",
    ),
    (
        "SELECT * FROM radius_sessions WHERE stopped_at IS NULL AND last_seen_at < '2026-01-17T12:00:00+00:00' \
         ORDER BY last_seen_at LIMIT 100",
        "radius_sessions_open",
    ),
];

/// So many sessions and ledger rows that a database would rather not read them all.
const ROWS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)";

async fn one_users_usage_is_found_by_an_index(on: TestDatabase) {
    let database = on.connect(&Surroundings::new()).await;
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
    for (statement, index) in HOT {
        let plan = match database.is_sqlite() {
            true => plan_of_sqlite(&database, statement).await,
            false => on.texts(&format!("EXPLAIN {statement}")).await.join("\n"),
        };
        assert!(plan.contains(index), "{statement}\n{plan}");
        assert!(!plan.contains("SCAN") && !plan.contains("Seq Scan"), "{statement}\n{plan}");
    }
}

async fn plan_of_sqlite(database: &crate::Database, statement: &str) -> String {
    use sea_orm::ConnectionTrait as _;
    let sql = format!("EXPLAIN QUERY PLAN {statement}");
    let query = sea_orm::Statement::from_string(database.reader().get_database_backend(), sql);
    let rows = database.reader().query_all_raw(query).await.unwrap();
    rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap()).collect::<Vec<_>>().join("\n")
}
