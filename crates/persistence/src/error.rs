//! From the database driver's errors to the kernel's.

use kernel::StoreError;
use sea_orm::{DbErr, SqlErr};

/// What a failed statement means to a domain.
pub(crate) fn store_error(error: DbErr) -> StoreError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(what) | SqlErr::ForeignKeyConstraintViolation(what)) => {
            StoreError::Conflict(what)
        }
        _ => match error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => StoreError::Unavailable(error.to_string()),
            DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. } | DbErr::ConvertFromU64(_) => {
                StoreError::corrupt(error)
            }
            other if is_check_violation(&other) => StoreError::Conflict(other.to_string()),
            other => StoreError::Unavailable(other.to_string()),
        },
    }
}

fn is_check_violation(error: &DbErr) -> bool {
    let text = error.to_string();
    // SQLite's extended code 275 and PostgreSQL's SQLSTATE 23514 reach us in the message alone.
    text.contains("CHECK constraint failed") || text.contains("violates check constraint")
}
