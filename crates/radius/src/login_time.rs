//! At which times of the week somebody may sign in, in the words of FreeRADIUS's `Login-Time`.
//!
//! Every rule here is one of `rlm_logintime` (FreeRADIUS 3.2), so that the embedded server, `explain` and FreeRADIUS
//! answer alike: minutes are whole ones, the last minute of a span belongs to it, and a span of hours over midnight
//! lies at both ends of its own day.

use std::{fmt, str::FromStr};

use chrono::{Datelike as _, Timelike as _};
use chrono_tz::Tz;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

const DAY: usize = 24 * 60;
const WEEK: usize = 7 * DAY;

/// The days from Sunday on, and what several of them are called.
const DAYS: [(&str, usize, usize); 10] = [
    ("su", 0, 0),
    ("mo", 1, 1),
    ("tu", 2, 2),
    ("we", 3, 3),
    ("th", 4, 4),
    ("fr", 5, 5),
    ("sa", 6, 6),
    ("wk", 1, 5),
    ("any", 0, 6),
    ("al", 0, 6),
];

/// Times of the week: spans of days and hours, with commas between them, such as `Wk0800-2000,Sa0900-1300`. A span is a
/// day (`Mo`, `Tu`, `We`, `Th`, `Fr`, `Sa`, `Su`), days from one to another (`Mo-Th`), the working days (`Wk`) or all
/// (`Al`, `Any`), and hours, or none for the whole day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LoginTime(String);

/// It cannot be read as times of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected times of the week such as Wk0800-2000,Sa0900-1300")]
pub struct NoLoginTime;

/// Whether somebody may sign in, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Not now.
    Closed,
    /// For so many seconds.
    Open(u32),
    /// All the week.
    Always,
}

impl LoginTime {
    /// The most characters: FreeRADIUS reads no more than 127, and drops the rest without a word.
    pub const LONGEST: usize = 120;

    /// The times as they were written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether somebody may sign in at a moment, by the clocks of a zone. What is left is counted from the beginning of
    /// the minute.
    #[must_use]
    pub fn window(&self, at: Timestamp, zone: Tz) -> Window {
        let local = at.with_timezone(&zone);
        let parts = [local.weekday().num_days_from_sunday() * 24 * 60, local.hour() * 60, local.minute()];
        let now = usize::try_from(parts.iter().sum::<u32>()).unwrap_or(0);
        let week = self.week();
        let open = (now..now + WEEK).take_while(|minute| week[minute % WEEK]).count();
        match u32::try_from(open * 60) {
            Ok(0) => Window::Closed,
            Ok(seconds) if open < WEEK => Window::Open(seconds),
            Ok(_) | Err(_) => Window::Always,
        }
    }

    /// Each minute of the week, and whether it is among the times.
    fn week(&self) -> Vec<bool> {
        let mut week = vec![false; WEEK];
        for span in self.0.split(',').filter_map(Span::read) {
            let days = (0..7).map(|day| (span.first_day + day) % 7);
            for day in days.take((span.last_day + 7 - span.first_day) % 7 + 1) {
                let minutes = (0..DAY).map(|minute| (span.from + minute) % DAY);
                for minute in minutes.take((span.to + DAY - span.from) % DAY + 1) {
                    week[day * DAY + minute] = true;
                }
            }
        }
        week
    }
}

/// Days, and minutes of each of them; the last is one of them.
struct Span {
    first_day: usize,
    last_day: usize,
    from: usize,
    to: usize,
}

impl Span {
    fn read(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let ((first_day, mut last_day), mut rest) = days(&text)?;
        if let Some(behind) = rest.strip_prefix('-') {
            let ((last, end), hours) = days(behind)?;
            // Working days are no day to begin or to end with.
            if first_day != last_day || last != end {
                return None;
            }
            (last_day, rest) = (last, hours);
        }
        let (from, to) = match rest.split_once('-') {
            None if rest.is_empty() => (0, DAY - 1),
            None => return None,
            Some((from, to)) => (minute(from)?, minute(to)?),
        };
        Some(Self { first_day, last_day, from, to })
    }
}

/// The days that a text begins with, and what is behind them.
fn days(text: &str) -> Option<((usize, usize), &str)> {
    DAYS.iter().find_map(|(name, first, last)| Some(((*first, *last), text.strip_prefix(name)?)))
}

/// The minute of the day that four digits say.
fn minute(digits: &str) -> Option<usize> {
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hour, minute): (usize, usize) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

impl FromStr for LoginTime {
    type Err = NoLoginTime;

    fn from_str(text: &str) -> Result<Self, NoLoginTime> {
        let fits = text.len() <= Self::LONGEST && text.split(',').all(|span| Span::read(span).is_some());
        if fits { Ok(Self(text.to_owned())) } else { Err(NoLoginTime) }
    }
}

impl TryFrom<String> for LoginTime {
    type Error = NoLoginTime;

    fn try_from(text: String) -> Result<Self, NoLoginTime> {
        text.parse()
    }
}

impl From<LoginTime> for String {
    fn from(times: LoginTime) -> Self {
        times.0
    }
}

impl fmt::Display for LoginTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
