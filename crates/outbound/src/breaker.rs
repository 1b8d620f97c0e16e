//! A circuit breaker (Nygard, "Release It!"): who has failed again and again is left alone for a while, then
//! tried with one call, so that a dead service costs its callers neither their time nor their threads.
//!
//! ```ignore
//! let attempt = breaker.admit()?;              // refused at once while the circuit is open
//! match call().await {
//!     Ok(answer) => { attempt.succeeded(); Ok(answer) }
//!     Err(error) => { attempt.failed(); Err(error) }
//! }
//! ```
//!
//! Only what says that the other side is not there counts as a failure; a refusal is an answer.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use kernel::{Ambient, Timestamp};

/// When a circuit opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// How many failures in a row open it; at least one.
    pub failures: u32,
    /// The first pause. Each failed try after it doubles the pause.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for BreakerSettings {
    /// Open after five failures, for two seconds at first and a minute at most.
    fn default() -> Self {
        Self { failures: 5, first_pause: Duration::from_secs(2), longest_pause: Duration::from_secs(60) }
    }
}

/// How a circuit stands, for people who look after the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls go through.
    Closed {
        /// How many failed in a row just now.
        failures: u32,
    },
    /// Calls are refused.
    Open {
        /// When the next one is let through.
        until: Timestamp,
    },
    /// One call may try, or is trying, whether the other side is there again.
    HalfOpen,
}

impl BreakerState {
    /// The state as health views show it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Closed { .. } => "closed",
            Self::Open { .. } => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// The circuit is open: nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("left alone until {until} after repeated failures")]
pub struct CircuitOpen {
    /// When to ask again.
    pub until: Timestamp,
}

/// The circuit to one service.
pub struct Breaker {
    settings: BreakerSettings,
    ambient: Ambient,
    circuit: Mutex<Circuit>,
}

struct Circuit {
    position: Position,
    /// Counts changes of position: what an attempt from before the last change says is not heard.
    era: u64,
    /// How many pauses there were since the last success.
    pauses: u32,
}

#[derive(Clone, Copy)]
enum Position {
    Closed { failures: u32 },
    Open { until: Timestamp },
    HalfOpen { trying: bool },
}

/// How long a refused caller waits while another one's try is under way.
const WHILE_TRYING: TimeDelta = TimeDelta::seconds(1);

impl Breaker {
    /// A closed circuit.
    #[must_use]
    pub fn new(settings: BreakerSettings, ambient: Ambient) -> Self {
        let circuit = Circuit { position: Position::Closed { failures: 0 }, era: 0, pauses: 0 };
        Self { settings, ambient, circuit: Mutex::new(circuit) }
    }

    /// Asks for leave to call. The attempt must be told how the call went; one that is dropped instead, for the
    /// caller lost interest, counts neither way.
    ///
    /// # Errors
    /// [`CircuitOpen`] says when to ask again.
    pub fn admit(&self) -> Result<Attempt<'_>, CircuitOpen> {
        let now = self.ambient.now();
        let mut circuit = self.lock();
        let trying = match circuit.position {
            Position::Closed { .. } => false,
            Position::Open { until } if self.is_ahead(now, until) => return Err(CircuitOpen { until }),
            Position::HalfOpen { trying: true } => return Err(CircuitOpen { until: now + WHILE_TRYING }),
            Position::Open { .. } | Position::HalfOpen { trying: false } => {
                circuit.turn(Position::HalfOpen { trying: true });
                true
            }
        };
        Ok(Attempt { breaker: self, era: circuit.era, trying, told: false })
    }

    /// How the circuit stands at this moment.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        let now = self.ambient.now();
        match self.lock().position {
            Position::Closed { failures } => BreakerState::Closed { failures },
            Position::Open { until } if self.is_ahead(now, until) => BreakerState::Open { until },
            Position::Open { .. } | Position::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// Whether a pause is still to last. One that would be longer than any was made before the clock was set
    /// back.
    fn is_ahead(&self, now: Timestamp, until: Timestamp) -> bool {
        now < until && (until - now).to_std().is_ok_and(|left| left <= self.settings.longest_pause)
    }

    fn lock(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The pause to make after `pauses` others: doubled each time up to the longest, then shortened by up to a
    /// quarter, so that many who lost the same service do not come back together.
    fn pause(&self, pauses: u32) -> TimeDelta {
        let doubled = self.settings.first_pause.saturating_mul(2_u32.saturating_pow(pauses));
        let full = doubled.min(self.settings.longest_pause);
        let mut chance = [0u8; 1];
        self.ambient.fill(&mut chance);
        let pause = full - full / 1024 * u32::from(chance[0]);
        TimeDelta::from_std(pause).unwrap_or(TimeDelta::days(1))
    }
}

impl Circuit {
    const fn turn(&mut self, position: Position) {
        self.position = position;
        self.era = self.era.wrapping_add(1);
    }
}

/// Leave to make one call.
#[must_use = "the circuit learns from how the call went"]
pub struct Attempt<'a> {
    breaker: &'a Breaker,
    era: u64,
    trying: bool,
    told: bool,
}

impl Attempt<'_> {
    /// The other side answered, if only to refuse.
    pub fn succeeded(mut self) {
        self.told = true;
        let mut circuit = self.breaker.lock();
        if circuit.era != self.era {
            return;
        }
        match circuit.position {
            // Nothing changes for the other calls under way.
            Position::Closed { .. } => circuit.position = Position::Closed { failures: 0 },
            Position::Open { .. } | Position::HalfOpen { .. } => {
                circuit.pauses = 0;
                circuit.turn(Position::Closed { failures: 0 });
            }
        }
    }

    /// The other side is not there, or does not answer.
    pub fn failed(mut self) {
        self.told = true;
        let mut circuit = self.breaker.lock();
        if circuit.era != self.era {
            return;
        }
        if let Position::Closed { failures } = circuit.position
            && failures.saturating_add(1) < self.breaker.settings.failures
        {
            circuit.position = Position::Closed { failures: failures + 1 };
            return;
        }
        let until = self.breaker.ambient.now() + self.breaker.pause(circuit.pauses);
        circuit.pauses = circuit.pauses.saturating_add(1);
        circuit.turn(Position::Open { until });
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.told || !self.trying {
            return;
        }
        let mut circuit = self.breaker.lock();
        if circuit.era == self.era {
            circuit.turn(Position::HalfOpen { trying: false });
        }
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Breaker({:?})", self.state())
    }
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::TimeDelta;
    use kernel::{Clock as _, testing::Surroundings};

    use super::{Breaker, BreakerSettings, BreakerState};

    const SETTINGS: BreakerSettings = BreakerSettings {
        failures: 3,
        first_pause: Duration::from_secs(10),
        longest_pause: Duration::from_secs(60),
    };

    fn breaker() -> (Breaker, Surroundings) {
        let surroundings = Surroundings::new();
        (Breaker::new(SETTINGS, surroundings.ambient()), surroundings)
    }

    fn fail(breaker: &Breaker) {
        breaker.admit().unwrap().failed();
    }

    fn opened() -> (Breaker, Surroundings) {
        let (breaker, surroundings) = breaker();
        (0..3).for_each(|_| fail(&breaker));
        (breaker, surroundings)
    }

    /// Lets the pause at hand pass, and tells how long it was.
    fn pass(breaker: &Breaker, surroundings: &Surroundings) -> TimeDelta {
        let BreakerState::Open { until } = breaker.state() else {
            panic!("the circuit is not open: {breaker:?}");
        };
        let pause = until - surroundings.clock.now();
        surroundings.clock.advance(pause);
        pause
    }

    #[test]
    fn failures_in_a_row_open_it_and_a_success_between_them_does_not() {
        let (breaker, _) = breaker();
        for _ in 0..5 {
            fail(&breaker);
            fail(&breaker);
            assert_eq!(breaker.state(), BreakerState::Closed { failures: 2 });
            breaker.admit().unwrap().succeeded();
        }
        (0..3).for_each(|_| fail(&breaker));
        let refused = breaker.admit().unwrap_err();
        assert_eq!(breaker.state(), BreakerState::Open { until: refused.until });
    }

    #[test]
    fn after_the_pause_one_call_tries_and_others_wait_for_it() {
        let (breaker, surroundings) = opened();
        pass(&breaker, &surroundings);
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        let attempt = breaker.admit().unwrap();
        assert!(breaker.admit().unwrap_err().until > surroundings.clock.now());
        attempt.succeeded();
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 0 });
        assert!(breaker.admit().is_ok() && breaker.admit().is_ok());
    }

    #[test]
    fn pauses_grow_up_to_the_longest_and_begin_anew_after_a_success() {
        let (breaker, surroundings) = opened();
        for full in [10, 20, 40, 60, 60] {
            let pause = pass(&breaker, &surroundings);
            let full = TimeDelta::seconds(full);
            assert!(pause <= full && pause >= full * 3 / 4, "{pause} of {full}");
            fail(&breaker);
        }
        pass(&breaker, &surroundings);
        breaker.admit().unwrap().succeeded();
        (0..3).for_each(|_| fail(&breaker));
        assert!(pass(&breaker, &surroundings) <= TimeDelta::seconds(10));
    }

    #[test]
    fn a_try_that_is_given_up_leaves_room_for_another() {
        let (breaker, surroundings) = opened();
        pass(&breaker, &surroundings);
        drop(breaker.admit().unwrap());
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        breaker.admit().unwrap().succeeded();
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 0 });
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_keep_it_open() {
        let (breaker, surroundings) = opened();
        surroundings.clock.advance(TimeDelta::hours(-1));
        assert!(breaker.admit().is_ok());
    }

    #[test]
    fn calls_from_before_it_opened_say_nothing_about_now() {
        let (breaker, surroundings) = breaker();
        let (late_success, late_failure) = (breaker.admit().unwrap(), breaker.admit().unwrap());
        (0..3).for_each(|_| fail(&breaker));
        late_success.succeeded();
        assert!(breaker.admit().is_err(), "it is still open");
        pass(&breaker, &surroundings);
        breaker.admit().unwrap().succeeded();
        late_failure.failed();
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 0 });
    }
}
