//! How many accounts one address may register: a bound on junk, and on asking which names are taken.

use chrono::Duration;
use kernel::Timestamp;

/// The tries of one address to register that still count, oldest first. One whose name was taken counts as well.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistrationHistory {
    /// Their moments.
    pub recent: Vec<Timestamp>,
}

impl RegistrationHistory {
    /// How long a try counts.
    pub const WINDOW: Duration = Duration::hours(1);

    /// The history with one more try, when there were fewer than `most` within the window.
    ///
    /// # Errors
    /// How long to wait for the next try, when there were as many.
    pub fn with_one_more(&self, now: Timestamp, most: u32) -> Result<Self, Duration> {
        let counts = |moment: &&Timestamp| now - **moment < Self::WINDOW;
        let mut recent: Vec<Timestamp> = self.recent.iter().filter(counts).copied().collect();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if recent.len() >= most {
            let oldest = recent.get(recent.len() - most).copied().unwrap_or(now);
            return Err(oldest + Self::WINDOW - now);
        }
        recent.push(now);
        Ok(Self { recent })
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use kernel::testing::Surroundings;

    use super::RegistrationHistory;

    #[test]
    fn one_more_is_let_through_when_the_oldest_is_an_hour_old() {
        let start = Surroundings::new().ambient().now();
        let history = RegistrationHistory::default().with_one_more(start, 2).unwrap();
        let history = history.with_one_more(start + Duration::minutes(20), 2).unwrap();
        let late = start + Duration::minutes(50);
        assert_eq!(history.with_one_more(late, 2), Err(Duration::minutes(10)));
        assert_eq!(history.with_one_more(late, 1), Err(Duration::minutes(30)));
        let next = history.with_one_more(start + Duration::minutes(60), 2).unwrap();
        assert_eq!(next.recent.len(), 2);
    }

    #[test]
    fn nobody_registers_where_none_may() {
        let now = Surroundings::new().ambient().now();
        assert_eq!(RegistrationHistory::default().with_one_more(now, 0), Err(RegistrationHistory::WINDOW));
    }
}
