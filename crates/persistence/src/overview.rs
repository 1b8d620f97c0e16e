//! Read-only views across domains, for operators who want to know how things stand.

use kernel::StoreError;
use sea_orm::{FromQueryResult, Statement};

use crate::{Database, error::store_error};

/// How many rows of one kind have one status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusCount {
    /// The kind: `orders`, `payments`, …
    pub what: &'static str,
    /// The status.
    pub status: String,
    /// How many.
    pub count: u64,
}

#[derive(FromQueryResult)]
struct Row {
    status: String,
    rows: i64,
}

/// What has a status, in the order in which a sale comes by it: its table.
const WHAT: [&str; 7] = [
    "orders",
    "payments",
    "refunds",
    "gateway_callbacks",
    "provisioning_units",
    "hotspot_users",
    "deliveries",
];

impl Database {
    /// How many orders, payments, refunds, callbacks, units, hotspot users and deliveries have each status.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn status_counts(&self) -> Result<Vec<StatusCount>, StoreError> {
        let reader = self.reader();
        let mut counts = Vec::new();
        for what in WHAT {
            let sql =
                format!("SELECT status, COUNT(*) AS \"rows\" FROM {what} GROUP BY status ORDER BY status");
            let statement = Statement::from_string(reader.get_database_backend(), sql);
            let rows = Row::find_by_statement(statement).all(reader).await.map_err(store_error)?;
            for Row { status, rows } in rows {
                counts.push(StatusCount { what, status, count: u64::try_from(rows).unwrap_or(0) });
            }
        }
        Ok(counts)
    }
}
