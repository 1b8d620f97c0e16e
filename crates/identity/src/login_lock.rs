//! Locks against guessing: failures are counted per login name, known or not, and per network address.

use std::{fmt, net::IpAddr};

use chrono::Duration;
use kernel::{Id, Timestamp};

use crate::login_name::LoginName;

/// What failures are counted for: `login:<name>` or `ip:<address>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LockKey(String);

impl LockKey {
    /// The keys of one attempt, the login's before the address's: whoever takes both takes them in this order,
    /// so that no two transactions wait for each other.
    #[must_use]
    pub fn of_attempt(name: &LoginName, ip: Option<IpAddr>) -> Vec<Self> {
        let mut keys = vec![Self::login(name)];
        keys.extend(ip.map(Self::ip));
        keys
    }

    /// The key of a login name.
    #[must_use]
    pub fn login(name: &LoginName) -> Self {
        Self(format!("login:{}", name.canonical()))
    }

    /// The key of a network address. An IPv6 host has a whole /64 to itself (RFC 6177), so that is counted as one.
    #[must_use]
    pub fn ip(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(format!("ip:{address}")),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                let network = std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0);
                Self(format!("ip:{network}/64"))
            }
        }
    }

    /// Takes a stored key back.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text to store and to show.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The failures of one key, as far as they still matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FailureHistory {
    /// The failures since the last lock that may still be within the window, oldest first.
    pub recent: Vec<Timestamp>,
    /// How many locks followed each other.
    pub locks: u16,
    /// The last failure of all.
    pub last_failure_at: Option<Timestamp>,
    /// Nobody may try before this moment.
    pub locked_until: Option<Timestamp>,
}

impl FailureHistory {
    /// This many failures within [`Self::WINDOW`] lock the key.
    pub const MOST_FAILURES: usize = 5;
    /// How long a failure counts towards a lock.
    pub const WINDOW: Duration = Duration::minutes(15);
    /// How long the first lock lasts, the second, the third, and every one after it.
    pub const LOCKS: [Duration; 4] =
        [Duration::minutes(1), Duration::minutes(5), Duration::minutes(15), Duration::minutes(60)];
    /// After this time without a failure everything is forgotten, and the next lock is a first one again.
    pub const MEMORY: Duration = Duration::hours(24);

    /// How long nobody may try yet; `None` when anybody may.
    #[must_use]
    pub fn locked_for(&self, now: Timestamp) -> Option<Duration> {
        self.locked_until.map(|until| until - now).filter(|left| *left > Duration::zero())
    }

    /// The history after one more failure. The failure that fills the window locks the key.
    #[must_use]
    pub fn after_failure(&self, now: Timestamp) -> Self {
        let forgotten = self.last_failure_at.is_some_and(|last| now - last >= Self::MEMORY);
        let mut next = if forgotten { Self::default() } else { self.clone() };
        next.recent.retain(|failure| now - *failure < Self::WINDOW);
        next.recent.push(now);
        next.last_failure_at = Some(now);
        if next.recent.len() >= Self::MOST_FAILURES {
            let step = usize::from(next.locks).min(Self::LOCKS.len() - 1);
            next.locked_until = Self::LOCKS.get(step).map(|lock| now + *lock);
            next.locks = next.locks.saturating_add(1);
            next.recent.clear();
        }
        next
    }
}

/// The failures of one key as an administrator sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginLock {
    /// Names the entry.
    pub id: Id<LoginLock>,
    /// What is locked.
    pub key: LockKey,
    /// Why and until when.
    pub history: FailureHistory,
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use kernel::{Timestamp, testing::Surroundings};
    use proptest::prelude::*;

    use super::{FailureHistory, LockKey};
    use crate::login_name::LoginName;

    fn fail_five_times(mut history: FailureHistory, at: Timestamp) -> FailureHistory {
        for _ in 0..FailureHistory::MOST_FAILURES {
            assert_eq!(history.locked_for(at), None);
            history = history.after_failure(at);
        }
        history
    }

    #[test]
    fn locks_grow_from_one_minute_to_an_hour() {
        let mut now = Surroundings::new().ambient().now();
        let mut history = FailureHistory::default();
        for minutes in [1, 5, 15, 60, 60, 60] {
            history = fail_five_times(history, now);
            assert_eq!(history.locked_for(now), Some(Duration::minutes(minutes)));
            now += Duration::minutes(minutes);
            assert_eq!(history.locked_for(now), None);
        }
    }

    #[test]
    fn a_day_without_failures_makes_the_next_lock_a_first_one() {
        let now = Surroundings::new().ambient().now();
        let twice =
            fail_five_times(fail_five_times(FailureHistory::default(), now), now + Duration::minutes(1));
        let soon = now + Duration::hours(23);
        assert_eq!(fail_five_times(twice.clone(), soon).locked_for(soon), Some(Duration::minutes(15)));
        let late = now + Duration::hours(25);
        assert_eq!(fail_five_times(twice, late).locked_for(late), Some(Duration::minutes(1)));
    }

    #[test]
    fn addresses_of_one_host_share_a_key() {
        let key = |text: &str| LockKey::ip(text.parse().unwrap()).to_string();
        assert_eq!(key("192.0.2.7"), "ip:192.0.2.7");
        assert_eq!(key("::ffff:192.0.2.7"), "ip:192.0.2.7");
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), "ip:2001:db8:1:2::/64");
    }

    #[test]
    fn an_attempt_counts_for_its_login_first_and_for_its_address_next() {
        let name = LoginName::new("A@b.cd");
        let keys = LockKey::of_attempt(&name, "192.0.2.7".parse().ok());
        assert_eq!(keys.iter().map(LockKey::as_str).collect::<Vec<_>>(), ["login:a@b.cd", "ip:192.0.2.7"]);
        assert_eq!(LockKey::of_attempt(&name, None).len(), 1);
    }

    proptest! {
        #[test]
        fn a_lock_comes_exactly_with_the_fifth_failure_within_the_window(
            gaps in prop::collection::vec(0i64..1200, 1..40)
        ) {
            let mut now = Surroundings::new().ambient().now();
            let mut history = FailureHistory::default();
            let mut since_lock: Vec<Timestamp> = Vec::new();
            for gap in gaps {
                now += Duration::seconds(gap);
                if let Some(left) = history.locked_for(now) {
                    now += left;
                }
                since_lock.push(now);
                history = history.after_failure(now);
                let within = since_lock.iter().filter(|at| now - **at < FailureHistory::WINDOW).count();
                prop_assert_eq!(history.locked_for(now).is_some(), within >= FailureHistory::MOST_FAILURES);
                if history.locked_for(now).is_some() {
                    since_lock.clear();
                }
            }
        }
    }
}
