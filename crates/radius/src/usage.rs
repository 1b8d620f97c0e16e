//! How much was used in which days of the portal's calendar, and the periods for which there are quotas.
//!
//! What went through a session between two reports is spread over the local days in between in proportion to time;
//! the parts sum up to the whole, to the byte. Days are those of `APP_TIMEZONE`: where clocks change, a day is shorter
//! or longer, and where midnight is skipped it begins later.

use chrono::{DateTime, Datelike as _, Days, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone as _};
use chrono_tz::Tz;
use kernel::Timestamp;

use crate::{
    meter::Growth,
    observation::{Counters, LONGEST_SESSION},
    subscriber::Period,
};

/// The local day of a moment.
#[must_use]
pub fn day_of(at: Timestamp, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// When a local day begins: at midnight, at the first of two midnights, or at the first moment after one that is
/// skipped.
#[must_use]
pub fn beginning_of(day: NaiveDate, zone: Tz) -> Timestamp {
    let midnight = day.and_time(NaiveTime::MIN);
    match zone.from_local_datetime(&midnight) {
        LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => moment.to_utc(),
        LocalResult::None => after_the_gap(day, midnight.and_utc(), zone),
    }
}

/// The first second at which the local date is `day` or later. No zone is further than a day from UTC.
fn after_the_gap(day: NaiveDate, midnight: Timestamp, zone: Tz) -> Timestamp {
    let (mut before, mut after) = (midnight.timestamp() - 86_400 * 2, midnight.timestamp() + 86_400 * 2);
    while before + 1 < after {
        let middle = before + (after - before) / 2;
        let reached = DateTime::from_timestamp(middle, 0).is_some_and(|moment| day_of(moment, zone) >= day);
        (before, after) = if reached { (before, middle) } else { (middle, after) };
    }
    DateTime::from_timestamp(after, 0).unwrap_or(midnight)
}

/// What was used on which local day, of what was used between two moments. The latter half of an interval that is
/// longer than [any session](LONGEST_SESSION) is taken for all of it.
#[must_use]
pub fn by_day(growth: &Growth, zone: Tz) -> Vec<(NaiveDate, Counters)> {
    let Growth { to, added, .. } = *growth;
    let from = growth.from.clamp(to - LONGEST_SESSION, to);
    let (mut day, last) = (day_of(from, zone), day_of(to, zone));
    let (mut days, mut counted) = (Vec::new(), Counters::default());
    while day < last {
        let Some(next) = day.checked_add_days(Days::new(1)) else { break };
        let by_then = share(added, beginning_of(next, zone) - from, to - from);
        days.push((day, by_then.less(counted)));
        counted = counted.max(by_then);
        day = next;
    }
    days.push((last, added.less(counted)));
    days.retain(|(_, used)| !used.is_zero());
    days
}

/// As much of something as some time is of a longer time, rounded down.
fn share(all: Counters, time: TimeDelta, whole: TimeDelta) -> Counters {
    let micros =
        |time: TimeDelta| time.num_microseconds().and_then(|time| u128::try_from(time).ok()).unwrap_or(0);
    let (time, whole) = (micros(time), micros(whole).max(1));
    let part = |all: u64| u64::try_from(u128::from(all) * time.min(whole) / whole).unwrap_or(all);
    Counters { up: part(all.up), down: part(all.down) }
}

/// The days of a period that a moment lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first day; none for the total.
    pub first: Option<NaiveDate>,
    /// When the next period begins; never for the total.
    pub until: Option<Timestamp>,
}

impl Period {
    /// The period that a moment lies in: its local day, its week from Monday, its month from the 1st.
    #[must_use]
    pub fn span(self, at: Timestamp, zone: Tz) -> Span {
        let today = day_of(at, zone);
        let (first, next) = match self {
            Self::Day => (Some(today), today.checked_add_days(Days::new(1))),
            Self::Week => {
                let monday = today.checked_sub_days(Days::new(today.weekday().num_days_from_monday().into()));
                (monday, monday.and_then(|monday| monday.checked_add_days(Days::new(7))))
            }
            Self::Month => {
                let first = today.with_day(1);
                (first, first.and_then(|first| first.checked_add_months(chrono::Months::new(1))))
            }
            Self::Total => (None, None),
        };
        Span { first, until: next.map(|next| beginning_of(next, zone)) }
    }
}

/// The periods that a moment lies in, by their first and last days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// The zone of the days.
    pub zone: Tz,
    /// The local day.
    pub today: NaiveDate,
    /// Monday and Sunday.
    pub week: (NaiveDate, NaiveDate),
    /// The 1st and the last.
    pub month: (NaiveDate, NaiveDate),
}

impl Calendar {
    /// The calendar as it stands open at a moment.
    #[must_use]
    pub fn at(at: Timestamp, zone: Tz) -> Self {
        let today = day_of(at, zone);
        let days = |period: Period| {
            let span = period.span(at, zone);
            let last = span.until.map(|next| day_of(next - TimeDelta::seconds(1), zone));
            (span.first.unwrap_or(today), last.unwrap_or(today))
        };
        Self { zone, today, week: days(Period::Week), month: days(Period::Month) }
    }
}

/// What one subscriber has used in the periods that a moment lies in, in bytes of both directions together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    /// Today.
    pub day: u64,
    /// This week.
    pub week: u64,
    /// This month.
    pub month: u64,
    /// Ever.
    pub total: u64,
}

impl Used {
    /// What was used in a period.
    #[must_use]
    pub const fn of(self, period: Period) -> u64 {
        match period {
            Period::Day => self.day,
            Period::Week => self.week,
            Period::Month => self.month,
            Period::Total => self.total,
        }
    }
}

#[cfg(test)]
mod tests;
