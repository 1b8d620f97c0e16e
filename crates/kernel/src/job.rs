//! Work in the background: every outside call, every delivery of an event to a consumer, every scheduled task.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    ambient::{Ambient, Timestamp},
    id::{Id, ids::JobId},
    origin::RequestId,
    unit_of_work::StoreError,
};

/// How urgent a job is. A worker always takes the most urgent due job first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Queue {
    /// Money.
    Critical,
    /// A customer is waiting.
    High,
    /// Everything else that should happen soon.
    Default,
    /// Housekeeping.
    Low,
    /// Long reads.
    Reporting,
}

impl Queue {
    /// Every queue, most urgent first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Default, Self::Low, Self::Reporting];

    /// The name as it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Default => "default",
            Self::Low => "low",
            Self::Reporting => "reporting",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.as_str() == text)
    }

    /// 0 for the most urgent.
    #[must_use]
    pub fn rank(self) -> i16 {
        Self::ALL
            .iter()
            .position(|queue| *queue == self)
            .and_then(|rank| i16::try_from(rank).ok())
            .unwrap_or(i16::MAX)
    }
}

impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A kind of job, by the fields it needs. The fields name rows, they do not copy them: a job reads the present.
pub trait JobSpec: Serialize + DeserializeOwned {
    /// The name under which a [`JobHandler`] is found.
    const KIND: &'static str;
    /// How urgent it is.
    const QUEUE: Queue;
    /// After this many failed attempts the job is dead and waits for a person.
    const MAX_ATTEMPTS: u16 = 12;
}

/// A job to be put in the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Names the job.
    pub id: JobId,
    /// [`JobSpec::KIND`].
    pub kind: String,
    /// [`JobSpec::QUEUE`].
    pub queue: Queue,
    /// The fields of its [`JobSpec`].
    pub payload: Value,
    /// At most one waiting job has this key; a second is not added.
    pub unique_key: Option<String>,
    /// Not before this moment.
    pub run_at: Timestamp,
    /// [`JobSpec::MAX_ATTEMPTS`].
    pub max_attempts: u16,
    /// The request that caused it.
    pub request_id: Option<RequestId>,
}

impl NewJob {
    /// A job that may run at once.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the fields have no JSON form.
    pub fn new<S: JobSpec>(
        ambient: &Ambient,
        spec: &S,
        request_id: Option<RequestId>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::generate(ambient),
            kind: S::KIND.to_owned(),
            queue: S::QUEUE,
            payload: serde_json::to_value(spec).map_err(StoreError::corrupt)?,
            unique_key: None,
            run_at: ambient.now(),
            max_attempts: S::MAX_ATTEMPTS,
            request_id,
        })
    }

    /// The same, not before a moment.
    #[must_use]
    pub fn not_before(mut self, moment: Timestamp) -> Self {
        self.run_at = moment;
        self
    }

    /// The same, unless one with this key is waiting already.
    #[must_use]
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.unique_key = Some(key.into());
        self
    }
}

/// A job that a worker holds for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Names the job.
    pub id: JobId,
    /// Which handler it needs.
    pub kind: String,
    /// How urgent it is.
    pub queue: Queue,
    /// The fields of its [`JobSpec`].
    pub payload: Value,
    /// Which attempt this is, from 1. Waiting for an outside system does not count.
    pub attempt: u16,
    /// After this attempt the job is dead.
    pub max_attempts: u16,
    /// How often in a row it has waited for an outside system.
    pub waits: u16,
    /// The request that caused it.
    pub request_id: Option<RequestId>,
    /// Proves that the worker still holds it.
    pub lease: Uuid,
}

impl Job {
    /// The fields, as the handler's spec.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the stored JSON does not fit the spec.
    pub fn spec<S: JobSpec>(&self) -> Result<S, StoreError> {
        serde_json::from_value(self.payload.clone()).map_err(StoreError::corrupt)
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobOutcome {
    /// Done for good.
    Done,
    /// Done as far as one run goes: it runs again at once, from its first attempt. Nothing that was to be added to the
    /// queue meanwhile is missed, though its key kept it out.
    Again,
    /// Something went wrong here: try again later, dead after too many attempts.
    Failed(String),
    /// An outside system cannot be reached or asks for patience: try again later, for as long as it takes.
    Waiting(String),
    /// Trying again cannot help: dead at once, for a person to look at.
    Hopeless(String),
}

impl From<()> for JobOutcome {
    fn from((): ()) -> Self {
        Self::Done
    }
}

impl<T: Into<Self>> From<Result<T, StoreError>> for JobOutcome {
    fn from(result: Result<T, StoreError>) -> Self {
        match result {
            Ok(done) => done.into(),
            Err(error) => Self::Failed(error.to_string()),
        }
    }
}

/// How far a piece of work came that may have to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It is done, or there was nothing to do.
    Done,
    /// It is to be tried again later. The text says what it waits for.
    Waits(String),
}

impl Progress {
    /// It waits for this.
    #[must_use]
    pub fn waits(what: &str) -> Self {
        Self::Waits(what.to_owned())
    }
}

impl From<Progress> for JobOutcome {
    fn from(progress: Progress) -> Self {
        match progress {
            Progress::Done => Self::Done,
            Progress::Waits(what) => Self::Waiting(what),
        }
    }
}

/// Does the jobs of one kind. It may run twice for one job, even at once when a lease ran out, so that its
/// effect must converge.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// The kind it does.
    fn kind(&self) -> &'static str;

    /// Makes one attempt.
    async fn run(&self, job: &Job) -> JobOutcome;
}

/// How long to wait before the next attempt after `failures` in a row: one second, doubled each time up to
/// `ceiling`, and up to a quarter more by `jitter` (0 to 255), so that jobs that failed together do not come
/// back together.
#[must_use]
pub fn backoff(failures: u16, ceiling: Duration, jitter: u8) -> Duration {
    let doubled = Duration::from_secs(1u64 << failures.saturating_sub(1).min(20)).min(ceiling);
    doubled + doubled * u32::from(jitter) / 1024
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Queue, backoff};

    #[test]
    fn backoff_grows_and_stays_under_its_ceiling() {
        let ceiling = Duration::from_secs(300);
        assert_eq!(backoff(1, ceiling, 0), Duration::from_secs(1));
        assert_eq!(backoff(4, ceiling, 0), Duration::from_secs(8));
        assert_eq!(backoff(u16::MAX, ceiling, 0), ceiling);
        assert!(backoff(u16::MAX, ceiling, 255) < ceiling * 5 / 4);
    }

    #[test]
    fn money_comes_first() {
        assert!(Queue::Critical.rank() < Queue::Low.rank());
        assert!(Queue::ALL.iter().all(|queue| Queue::parse(queue.as_str()) == Some(*queue)));
    }
}
