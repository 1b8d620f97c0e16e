//! Logins and addresses that are locked after too many failures.

use chrono::{DateTime, Utc};
use identity::login_lock::LoginLock;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub mod lift;
pub mod list;

/// A login or an address that is locked.
#[derive(Serialize, ToSchema)]
#[schema(as = LoginLock)]
pub struct LoginLockView {
    /// Names the lock.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    id: Uuid,
    /// What is locked: `login:<name>` or `ip:<address>`.
    #[schema(example = "login:alice@demo.test")]
    key: String,
    /// How many locks have followed each other.
    #[schema(example = 2)]
    locks: u16,
    /// When the last failure was.
    #[schema(example = "2026-01-17T12:00:00Z")]
    last_failure_at: Option<DateTime<Utc>>,
    /// Until when nobody may try.
    #[schema(example = "2026-01-17T12:05:00Z")]
    locked_until: Option<DateTime<Utc>>,
}

impl From<LoginLock> for LoginLockView {
    fn from(lock: LoginLock) -> Self {
        Self {
            id: lock.id.as_uuid(),
            key: lock.key.as_str().to_owned(),
            locks: lock.history.locks,
            last_failure_at: lock.history.last_failure_at,
            locked_until: lock.history.locked_until,
        }
    }
}
