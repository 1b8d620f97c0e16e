//! What is left of a quota, which one is used up, and of what its owner is told.

use chrono::{DateTime, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use kernel::Timestamp;

use crate::{
    access_profile::{Exhaustion, Limits, Quota},
    subscriber::{Period, QuotaState},
    usage::Used,
};

/// From so much of a quota on, in percent, its owner is told. The highest that is reached is told, for the others too.
pub const QUOTA_THRESHOLDS: [(u8, &str); 3] =
    [(80, "quota_warning"), (95, "quota_critical"), (100, "quota_exhausted")];
/// From so little time before the end on, its owner is told: less than so many days.
pub const EXPIRY_THRESHOLDS: [(u16, &str); 2] = [(7, "expiry_warning"), (2, "expiry_imminent")];

impl Quota {
    /// The limit of a period, in bytes.
    #[must_use]
    pub const fn of(self, period: Period) -> Option<u64> {
        match period {
            Period::Day => self.day,
            Period::Week => self.week,
            Period::Month => self.month,
            Period::Total => self.total,
        }
    }

    /// Whether there is any.
    #[must_use]
    pub fn is_limited(self) -> bool {
        Period::ALL.iter().any(|period| self.of(*period).is_some())
    }

    /// How many bytes may be used before the first limit is reached; nothing without limits.
    #[must_use]
    pub fn left(self, used: Used) -> Option<u64> {
        let left = |period: Period| self.of(period).map(|limit| limit.saturating_sub(used.of(period)));
        Period::ALL.into_iter().filter_map(left).min()
    }

    /// How much of a period's limit is used, in whole percent, rounded down and at most 100; nothing without a limit.
    #[must_use]
    pub fn percent(self, period: Period, used: Used) -> Option<u8> {
        let limit = u128::from(self.of(period)?);
        let percent = (u128::from(used.of(period)) * 100).checked_div(limit).unwrap_or(100);
        Some(u8::try_from(percent.min(100)).unwrap_or(100))
    }

    /// The period whose limit is used up; of several the one that lasts longest.
    #[must_use]
    pub fn used_up(self, used: Used) -> Option<Period> {
        let mut longest_first = Period::ALL.into_iter().rev();
        longest_first.find(|period| self.of(*period).is_some_and(|limit| used.of(*period) >= limit))
    }
}

/// What the quotas of somebody with these limits have come to.
#[must_use]
pub fn state(limits: &Limits, used: Used, now: Timestamp, zone: Tz) -> QuotaState {
    let Some(period) = limits.quota.used_up(used) else { return QuotaState::Open };
    let until = period.span(now, zone).until;
    match limits.exhaustion {
        Exhaustion::Block => QuotaState::Blocked { period, until },
        Exhaustion::Throttle { .. } => QuotaState::Throttled { period, until },
    }
}

/// Something that an owner is told, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What it is, such as `quota_warning`.
    pub code: &'static str,
    /// The period of the quota; none for an expiry.
    pub period: Option<Period>,
    /// What makes it told once: the period's first day, or the day of the end.
    pub once_per: NaiveDate,
    /// How much of the quota is used, in percent; nothing for an expiry.
    pub percent: Option<u8>,
    /// Whole days until the end; nothing for a quota.
    pub expires_in_days: Option<u32>,
    /// The lesser ones that need not be told any more once this one is.
    pub implies: Vec<&'static str>,
}

/// Of what somebody with these limits is to be told, each unless it was told before.
#[must_use]
pub fn warnings(
    limits: &Limits,
    used: Used,
    expires_at: Option<Timestamp>,
    now: Timestamp,
    zone: Tz,
) -> Vec<Warning> {
    let quotas = Period::ALL.into_iter().filter_map(|period| {
        let percent = limits.quota.percent(period, used)?;
        let reached = QUOTA_THRESHOLDS.iter().filter(|(threshold, _)| percent >= *threshold);
        let mut codes: Vec<_> = reached.map(|(_, code)| *code).collect();
        let code = codes.pop()?;
        // Any one day stands for the total, which has no first.
        let once_per = period.span(now, zone).first.unwrap_or(DateTime::UNIX_EPOCH.date_naive());
        let period = Some(period);
        Some(Warning {
            code,
            period,
            once_per,
            percent: Some(percent),
            expires_in_days: None,
            implies: codes,
        })
    });
    quotas.chain(expires_at.and_then(|end| expiry(end, now, zone))).collect()
}

fn expiry(end: Timestamp, now: Timestamp, zone: Tz) -> Option<Warning> {
    let left = end - now;
    let near = EXPIRY_THRESHOLDS.iter().filter(|(days, _)| left < TimeDelta::days((*days).into()));
    let mut codes: Vec<_> = near.map(|(_, code)| *code).collect();
    let code = codes.pop().filter(|_| left > TimeDelta::zero())?;
    Some(Warning {
        code,
        period: None,
        once_per: crate::usage::day_of(end, zone),
        percent: None,
        expires_in_days: Some(days_left(end, now)),
        implies: codes,
    })
}

/// Whole days until the end; zero when it is over.
#[must_use]
pub fn days_left(end: Timestamp, now: Timestamp) -> u32 {
    u32::try_from((end - now).num_days()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
