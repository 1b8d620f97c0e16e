//! One transaction as a value.

use std::fmt;

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{audit::AuditRecord, event::Event, id::ids::EventId, job::NewJob};

/// What every domain's transaction can do besides its own rows. Committing consumes it; dropping it undoes
/// everything.
///
/// A domain extends it with its own rows: `trait BillingTx: UnitOfWork { … }`. No call to the outside world is
/// made while one is open.
#[async_trait]
pub trait UnitOfWork: Send {
    /// Writes a fact, and one job for each consumer that wants it.
    async fn append(&mut self, event: Event) -> Result<(), StoreError>;

    /// The same for many facts, many rows at a time.
    async fn append_all(&mut self, events: Vec<Event>) -> Result<(), StoreError>;

    /// Puts a job in the queue. A job whose unique key is waiting already is passed over.
    async fn enqueue(&mut self, job: NewJob) -> Result<(), StoreError>;

    /// Writes a line of the audit log.
    async fn audit(&mut self, record: AuditRecord) -> Result<(), StoreError>;

    /// Marks a fact as consumed; false if this consumer has consumed it before.
    async fn first_time(&mut self, consumer: &'static str, event: EventId) -> Result<bool, StoreError>;

    /// Claims an idempotency key for the resource that the command is about to make. Of two commands with the
    /// same key the second waits for the first to end.
    async fn claim(&mut self, key: &IdempotencyKey, resource: Uuid) -> Result<Claim, StoreError>;

    /// Takes the person out of every fact about something, or in its story
    /// ([`forget_person`](crate::forgetting::forget_person)). False, and no change, while a consumer has not heard one of
    /// them yet: it may be about to tell the person something. Who is never going to, since the delivery was given up, is
    /// not waited for.
    async fn forget_in_events(&mut self, about: Uuid) -> Result<bool, StoreError>;

    /// Makes everything true at once, and wakes the workers.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// A client's promise that two requests are one: the header `Idempotency-Key` with who sent it and to where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Who, where and the key itself, as one text.
    pub scope: String,
    /// A hash of the request's body.
    pub body_hash: String,
}

impl IdempotencyKey {
    /// A key sent by `caller` to `route` with this body.
    #[must_use]
    pub fn new(caller: &impl fmt::Display, route: &str, key: &str, body: &[u8]) -> Self {
        Self { scope: format!("{caller} {route} {key}"), body_hash: hex::encode(Sha256::digest(body)) }
    }
}

/// What became of a claimed idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The key is new: go on.
    New,
    /// The command was done before and made this resource: answer with it.
    Repeated(Uuid),
    /// The key was used before with another body: refuse.
    OtherBody,
}

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or broke off.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A rule of the database forbids the change: a unique index, a check.
    #[error("the database refused the change: {0}")]
    Conflict(String),
    /// Stored data does not have the form it must have.
    #[error("stored data is not as expected: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// A [`StoreError::Corrupt`] from whatever noticed it.
    #[must_use]
    pub fn corrupt(error: impl fmt::Display) -> Self {
        Self::Corrupt(error.to_string())
    }
}
