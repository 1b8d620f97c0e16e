//! What a domain may take from its surroundings: the time and chance. Nothing else in the workspace reads a
//! clock or a random source, so that a test holds both in its hand.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use uuid::Uuid;

/// A moment in UTC, exact to the microsecond: what both databases keep.
pub type Timestamp = DateTime<Utc>;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present moment in UTC, truncated to microseconds.
    fn now(&self) -> Timestamp;
}

/// Gives unpredictable bytes, fit for secrets.
pub trait Entropy: Send + Sync {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// The clock and the entropy of a running service, handed to every use case.
#[derive(Clone)]
pub struct Ambient {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// The time of the last id, in 4096ths of a millisecond.
    last_id: Arc<AtomicU64>,
}

impl Ambient {
    /// Joins a clock and a source of entropy.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy, last_id: Arc::default() }
    }

    /// The operating system's clock and random source.
    #[must_use]
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(SystemEntropy))
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Fills a buffer with unpredictable bytes.
    pub fn fill(&self, buffer: &mut [u8]) {
        self.entropy.fill(buffer);
    }

    /// A UUID of version 7 (RFC 9562, section 6.2, method 3): sorts behind every one made here before, even within
    /// one millisecond or after the clock was set back.
    #[must_use]
    pub fn uuid_v7(&self) -> Uuid {
        let now = u64::try_from(self.now().timestamp_millis()).unwrap_or(0) << 12;
        let after = |last: u64| now.max(last + 1);
        let previous =
            self.last_id.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(after(last)));
        let time = after(previous.unwrap_or(now));
        let mut random = [0u8; 10];
        self.fill(&mut random);
        let [.., high, low] = (time & 0xFFF).to_be_bytes();
        (random[0], random[1]) = (high, low);
        uuid::Builder::from_unix_timestamp_millis(time >> 12, &random).into_uuid()
    }

    /// A random UUID of version 4, which tells nothing about when it was made.
    #[must_use]
    pub fn uuid_v4(&self) -> Uuid {
        let mut bytes = [0u8; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// `length` characters drawn evenly from `alphabet` (ASCII, at most 256 characters).
    #[must_use]
    pub fn text(&self, alphabet: &[u8], length: usize) -> String {
        // Bytes past the last whole multiple of the alphabet are thrown away, else its first letters would be
        // drawn more often.
        let fair = 256 - 256 % alphabet.len().max(1);
        let mut text = String::with_capacity(length);
        let mut byte = [0u8; 1];
        while text.len() < length {
            self.fill(&mut byte);
            let drawn = usize::from(byte[0]);
            if drawn < fair
                && let Some(letter) = alphabet.get(drawn % alphabet.len())
            {
                text.push(char::from(*letter));
            }
        }
        text
    }
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
    fn now(&self) -> Timestamp {
        truncate(Utc::now())
    }
}

/// Cuts a moment to whole microseconds, the precision of PostgreSQL's `timestamptz`.
#[must_use]
pub fn truncate(moment: Timestamp) -> Timestamp {
    moment.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(moment)
}

/// The operating system's secure random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's random source")]
    fn fill(&self, buffer: &mut [u8]) {
        rand::Rng::fill_bytes(&mut rand::rng(), buffer);
    }
}
