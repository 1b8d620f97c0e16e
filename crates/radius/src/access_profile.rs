//! What is enforced on those who have it: rates, quotas, timeouts, simultaneous use.

use kernel::{Timestamp, id::ids::AccessProfileId};
use serde::{Deserialize, Serialize};

use crate::login_time::LoginTime;

/// What is enforced on those who have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessProfile {
    /// Names it.
    pub id: AccessProfileId,
    /// Counts its changes, from 1. The RADIUS group of a version is never changed, only left for the next one's.
    pub version: u32,
    /// A unique name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What is enforced.
    pub limits: Limits,
    /// How many days access lasts from its activation: 7 to 365.
    pub validity_days: u16,
    /// Whether it can be given to anybody.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl AccessProfile {
    /// A new profile.
    ///
    /// # Errors
    /// Every [`TermFault`].
    pub fn new(id: AccessProfileId, terms: Terms, created_at: Timestamp) -> Result<Self, Vec<TermFault>> {
        terms.check()?;
        let Terms { name, description, limits, validity_days, active } = terms;
        Ok(Self { id, version: 1, name, description, limits, validity_days, active, created_at })
    }

    /// The profile with other terms. Its version grows when what is enforced changes; false, and no change, if they
    /// are the terms that it has.
    ///
    /// # Errors
    /// Every [`TermFault`].
    pub fn change(&mut self, terms: Terms) -> Result<bool, Vec<TermFault>> {
        terms.check()?;
        if terms == self.terms() {
            return Ok(false);
        }
        if terms.limits != self.limits || terms.validity_days != self.validity_days {
            self.version += 1;
        }
        let Terms { name, description, limits, validity_days, active } = terms;
        *self = Self { name, description, limits, validity_days, active, ..self.clone() };
        Ok(true)
    }

    /// What its operator decides.
    #[must_use]
    pub fn terms(&self) -> Terms {
        Terms {
            name: self.name.clone(),
            description: self.description.clone(),
            limits: self.limits.clone(),
            validity_days: self.validity_days,
            active: self.active,
        }
    }
}

/// What an operator decides about a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// A unique name for people, of 1 to 60 characters.
    pub name: String,
    /// What it is for, in at most 500 characters.
    pub description: String,
    /// What is enforced.
    pub limits: Limits,
    /// How many days access lasts: 7 to 365.
    pub validity_days: u16,
    /// Whether it can be given to anybody.
    pub active: bool,
}

impl Terms {
    /// The shortest and the longest validity, in days.
    pub const VALIDITY_DAYS: std::ops::RangeInclusive<u16> = 7..=365;
    /// The most characters of a name.
    pub const MAX_NAME: usize = 60;
    /// The most characters of a description.
    pub const MAX_DESCRIPTION: usize = 500;

    fn check(&self) -> Result<(), Vec<TermFault>> {
        let mut faults = self.limits.faults();
        let name = self.name.trim();
        if name.is_empty() || name != self.name || name.chars().count() > Self::MAX_NAME {
            faults.push(TermFault { field: "name", problem: TermProblem::Length(1, Self::MAX_NAME) });
        }
        if self.description.chars().count() > Self::MAX_DESCRIPTION {
            faults.push(TermFault {
                field: "description",
                problem: TermProblem::Length(0, Self::MAX_DESCRIPTION),
            });
        }
        if !Self::VALIDITY_DAYS.contains(&self.validity_days) {
            let (least, most) = (*Self::VALIDITY_DAYS.start(), *Self::VALIDITY_DAYS.end());
            faults.push(TermFault {
                field: "validity_days",
                problem: TermProblem::Range(least.into(), most.into()),
            });
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// What is wrong with a profile's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermFault {
    /// The field at fault.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: TermProblem,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TermProblem {
    /// It must have so many characters, without white space around them.
    Length(usize, usize),
    /// It must be between these, both included.
    Range(u64, u64),
    /// It must not be less than the limit of the next shorter period that has one.
    LessThan(&'static str),
}

/// What is enforced. `None` means without limit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Limits {
    /// Upload rate in kilobits per second, from the customer's point of view.
    pub upload_kbps: Option<u32>,
    /// Download rate in kilobits per second, from the customer's point of view.
    pub download_kbps: Option<u32>,
    /// Bytes in both directions together.
    pub quota: Quota,
    /// Longest single session, in seconds.
    pub session_timeout_seconds: Option<u32>,
    /// A session without traffic ends after this many seconds.
    pub idle_timeout_seconds: Option<u32>,
    /// How many devices may use the credentials at once.
    pub simultaneous_use: Option<u16>,
    /// At which times of the week somebody may sign in; a session ends with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_time: Option<LoginTime>,
    /// What happens when a quota is used up.
    pub exhaustion: Exhaustion,
}

impl Limits {
    /// The highest rate, in kilobits per second: bits per second must fit 32 bits, as WISPr's attributes want it.
    pub const MAX_KBPS: u32 = 4_000_000;
    /// The longest timeout, in seconds: what MikroTik names as the longest that it takes.
    pub const MAX_TIMEOUT_SECONDS: u32 = 21_474_720;
    /// The most devices at once.
    pub const MAX_SIMULTANEOUS_USE: u16 = 1_000;
    /// The largest quota, in bytes: 1 PiB, which every JSON reader keeps exactly.
    pub const MAX_QUOTA: u64 = 1 << 50;

    /// Everything that is wrong with these limits.
    #[must_use]
    pub fn faults(&self) -> Vec<TermFault> {
        let (throttle_up, throttle_down) = match self.exhaustion {
            Exhaustion::Block => (None, None),
            Exhaustion::Throttle { upload_kbps, download_kbps } => (Some(upload_kbps), Some(download_kbps)),
        };
        let kbps = Self::MAX_KBPS.into();
        let timeout = Self::MAX_TIMEOUT_SECONDS.into();
        let devices = self.simultaneous_use.map(u64::from);
        let mut faults: Vec<_> = [
            ("upload_kbps", self.upload_kbps.map(u64::from), kbps),
            ("download_kbps", self.download_kbps.map(u64::from), kbps),
            ("throttle_upload_kbps", throttle_up.map(u64::from), kbps),
            ("throttle_download_kbps", throttle_down.map(u64::from), kbps),
            ("session_timeout_seconds", self.session_timeout_seconds.map(u64::from), timeout),
            ("idle_timeout_seconds", self.idle_timeout_seconds.map(u64::from), timeout),
            ("simultaneous_use", devices, Self::MAX_SIMULTANEOUS_USE.into()),
            ("daily_limit", self.quota.day, Self::MAX_QUOTA),
            ("weekly_limit", self.quota.week, Self::MAX_QUOTA),
            ("monthly_limit", self.quota.month, Self::MAX_QUOTA),
            ("total_limit", self.quota.total, Self::MAX_QUOTA),
        ]
        .into_iter()
        .filter(|(_, value, most)| value.is_some_and(|value| value == 0 || value > *most))
        .map(|(field, _, most)| TermFault { field, problem: TermProblem::Range(1, most) })
        .collect();
        faults.extend(self.quota.disorder());
        faults
    }
}

/// How many bytes, in both directions together, may be used in each period of the calendar. Where several are set,
/// day ≤ week ≤ month ≤ total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Quota {
    /// From local midnight on.
    pub day: Option<u64>,
    /// From local Monday midnight on.
    pub week: Option<u64>,
    /// From the 1st, local midnight, on.
    pub month: Option<u64>,
    /// From the activation on.
    pub total: Option<u64>,
}

impl Quota {
    /// The first limit that is less than that of a shorter period.
    fn disorder(&self) -> Option<TermFault> {
        let named = [
            ("daily_limit", self.day),
            ("weekly_limit", self.week),
            ("monthly_limit", self.month),
            ("total_limit", self.total),
        ];
        let set: Vec<_> = named.into_iter().filter_map(|(name, limit)| Some((name, limit?))).collect();
        set.windows(2).find_map(|pair| match pair {
            [(shorter, less), (field, more)] if more < less => {
                Some(TermFault { field, problem: TermProblem::LessThan(shorter) })
            }
            _ => None,
        })
    }
}

/// What happens when a quota is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exhaustion {
    /// Sessions end, and logins are refused until the period is over.
    #[default]
    Block,
    /// The rate falls until the period is over.
    Throttle {
        /// Upload rate in kilobits per second.
        upload_kbps: u32,
        /// Download rate in kilobits per second.
        download_kbps: u32,
    },
}

#[cfg(test)]
mod tests;
