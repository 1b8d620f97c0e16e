//! Time and chance in a test's hand.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, Duration, TimeZone, Utc};

use crate::ambient::{Ambient, Clock, Entropy, Timestamp};

/// A clock that stands still until it is moved. It begins at noon UTC on 17 January 2026.
#[derive(Debug)]
pub struct TestClock(Mutex<Timestamp>);

impl TestClock {
    /// Moves the clock, backwards for a negative duration.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self(Mutex::new(Utc.with_ymd_and_hms(2026, 1, 17, 12, 0, 0).single().unwrap_or(DateTime::UNIX_EPOCH)))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that look random and are the same in every run (SplitMix64).
#[derive(Debug, Default)]
pub struct TestEntropy(AtomicU64);

impl Entropy for TestEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let step = 0x9E37_79B9_7F4A_7C15;
            let mut word = self.0.fetch_add(step, Ordering::Relaxed).wrapping_add(step);
            word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            word ^= word >> 31;
            for (byte, random) in chunk.iter_mut().zip(word.to_le_bytes()) {
                *byte = random;
            }
        }
    }
}

/// A test's surroundings: keep it to move the clock, and hand its [`Ambient`] to what is tested.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The clock.
    pub clock: Arc<TestClock>,
    /// The entropy.
    pub entropy: Arc<TestEntropy>,
}

impl Surroundings {
    /// Surroundings at the beginning of time.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The clock and entropy as a use case wants them.
    #[must_use]
    pub fn ambient(&self) -> Ambient {
        Ambient::new(self.clock.clone(), self.entropy.clone())
    }
}
