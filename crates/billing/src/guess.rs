//! Guesses: wrong order tokens and voucher codes are counted by the hour and by where they come from, so that nobody tries
//! for long, and an operator sees that somebody does.

use std::{fmt, net::IpAddr};

use chrono::DurationRound as _;
use kernel::{Timestamp, id::ids::UserId, ip_networks::host_of};

/// What was guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guessed {
    /// The token of a guest's order.
    OrderToken,
    /// The code of a voucher. One that is mistyped is seen to be by its check character, and does not count.
    VoucherCode,
}

impl Guessed {
    /// Everything that can be guessed.
    pub const ALL: [Self; 2] = [Self::OrderToken, Self::VoucherCode];

    /// The word as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrderToken => "order_token",
            Self::VoucherCode => "voucher_code",
        }
    }

    /// Reads a stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|guessed| guessed.as_str() == text)
    }
}

/// Where guesses come from: `user:<id>`, `ip:<address>`, or `unknown`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuessSource(String);

impl GuessSource {
    /// The account that guesses, or else the host.
    #[must_use]
    pub fn of(user: Option<UserId>, ip: Option<IpAddr>) -> Self {
        Self(match (user, ip.map(host_of)) {
            (Some(user), _) => format!("user:{user}"),
            (None, Some(host @ IpAddr::V4(_))) => format!("ip:{host}"),
            (None, Some(host @ IpAddr::V6(_))) => format!("ip:{host}/64"),
            (None, None) => "unknown".to_owned(),
        })
    }

    /// The text to store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GuessSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The hour of a moment, by the clock.
#[must_use]
pub fn hour_of(now: Timestamp) -> Timestamp {
    now.duration_trunc(chrono::Duration::hours(1)).unwrap_or(now)
}

/// How many guesses there were of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuessCount {
    /// What was guessed.
    pub guessed: Guessed,
    /// How often.
    pub guesses: u64,
    /// From how many sources.
    pub sources: u64,
}

#[cfg(test)]
mod tests {
    use kernel::{Clock as _, Id, testing::Surroundings};

    use super::{GuessSource, Guessed, hour_of};

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(Guessed::ALL.iter().all(|guessed| Guessed::parse(guessed.as_str()) == Some(*guessed)));
    }

    #[test]
    fn a_source_is_the_account_or_the_host() {
        let of = |ip: &str| GuessSource::of(None, ip.parse().ok()).to_string();
        assert_eq!(of("192.0.2.7"), "ip:192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "ip:192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "ip:2001:db8:1:2::/64");
        assert_eq!(of(""), "unknown");
        let user = Id::generate(&Surroundings::new().ambient());
        assert_eq!(GuessSource::of(Some(user), "192.0.2.7".parse().ok()).to_string(), format!("user:{user}"));
    }

    #[test]
    fn an_hour_begins_with_itself() {
        let around = Surroundings::new();
        let hour = hour_of(around.clock.now());
        around.clock.advance(hour + chrono::Duration::minutes(59) - around.clock.now());
        assert_eq!(hour_of(around.clock.now()), hour);
        around.clock.advance(chrono::Duration::minutes(1));
        assert_eq!(hour_of(around.clock.now()), hour + chrono::Duration::hours(1));
    }
}
