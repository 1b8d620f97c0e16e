//! The access tokens that are out. A restart takes them all back.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use kernel::Timestamp;

/// Tokens by their text, with the end of those that have one.
#[derive(Default)]
pub(super) struct Tokens {
    out: Mutex<HashMap<String, Option<Timestamp>>>,
    requests: AtomicUsize,
}

impl Tokens {
    fn out(&self) -> MutexGuard<'_, HashMap<String, Option<Timestamp>>> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands one out.
    pub(super) fn issue(&self, token: &str, expires_at: Option<Timestamp>) {
        self.out().insert(token.to_owned(), expires_at);
    }

    /// Whether a token is good.
    pub(super) fn holds(&self, token: &str, now: Timestamp) -> bool {
        self.out().get(token).is_some_and(|expires_at| expires_at.is_none_or(|end| now < end))
    }

    /// Takes one back.
    pub(super) fn forget(&self, token: &str) {
        self.out().remove(token);
    }

    /// Takes all back.
    pub(super) fn forget_all(&self) {
        self.out().clear();
    }

    /// Counts a request for a token.
    pub(super) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// How many requests for a token there were.
    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}
