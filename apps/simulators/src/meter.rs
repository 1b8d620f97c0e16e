//! What an open session has carried and for how long, until a limit ends it: for every simulator of something that
//! has sessions.
//!
//! Nothing runs in the background. A meter is brought up to date when somebody looks at it, exactly: what it has
//! carried follows from its rates and the time, without rounding from one look to the next.

use chrono::TimeDelta;
use kernel::Timestamp;

use crate::routeros::notation::{self, RateLimits};

/// One byte, in the unit that kilobits per second times microseconds gives.
const BYTE: u128 = 8_000;

/// An average packet, to tell packets from bytes.
const PACKET_BYTES: u64 = 1_000;

/// Bytes from a client and to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Traffic {
    uploaded: u128,
    downloaded: u128,
}

impl Traffic {
    /// So many whole bytes.
    pub(crate) fn of_bytes(uploaded: u64, downloaded: u64) -> Self {
        Self { uploaded: u128::from(uploaded) * BYTE, downloaded: u128::from(downloaded) * BYTE }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self { uploaded: self.uploaded + other.uploaded, downloaded: self.downloaded + other.downloaded }
    }

    /// From the client: RouterOS's `bytes-in`.
    pub(crate) fn uploaded(self) -> u64 {
        u64::try_from(self.uploaded / BYTE).unwrap_or(u64::MAX)
    }

    /// To the client: RouterOS's `bytes-out`.
    pub(crate) fn downloaded(self) -> u64 {
        u64::try_from(self.downloaded / BYTE).unwrap_or(u64::MAX)
    }
}

/// Packets that so many bytes make.
pub(crate) fn packets(bytes: u64) -> u64 {
    bytes.div_ceil(PACKET_BYTES)
}

/// Kilobits per second in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rates {
    pub(crate) upload_kbps: u32,
    pub(crate) download_kbps: u32,
}

impl Rates {
    /// What remains of these rates under limits.
    pub(crate) fn under(self, limits: RateLimits) -> Self {
        let least = |wanted: u32, limit: Option<u32>| limit.map_or(wanted, |limit| wanted.min(limit));
        Self {
            upload_kbps: least(self.upload_kbps, limits.upload_kbps),
            download_kbps: least(self.download_kbps, limits.download_kbps),
        }
    }

    fn carry(self, micros: u64) -> Traffic {
        let units = |kbps: u32| u128::from(kbps) * u128::from(micros);
        Traffic { uploaded: units(self.upload_kbps), downloaded: units(self.download_kbps) }
    }

    fn is_zero(self) -> bool {
        self == Self::default()
    }
}

/// What may be used before the router ends a session. The bytes are what its user had left when it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Limits {
    pub(crate) time: Option<u64>,
    pub(crate) idle: Option<u64>,
    pub(crate) bytes_in: Option<u64>,
    pub(crate) bytes_out: Option<u64>,
    pub(crate) bytes_total: Option<u64>,
}

/// Time and bytes of an open session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meter {
    pub(crate) began: Timestamp,
    pub(crate) limits: Limits,
    /// What the client would use.
    pub(crate) demand: Rates,
    /// What the router lets it use.
    pub(crate) granted: Rates,
    pub(crate) traffic: Traffic,
    pub(crate) settled: Timestamp,
    pub(crate) busy: Timestamp,
}

impl Meter {
    /// A meter that begins now, with nothing in the way of what its client would use.
    pub(crate) fn new(now: Timestamp, limits: Limits, demand: Rates) -> Self {
        let traffic = Traffic::default();
        Self { began: now, limits, demand, granted: demand, traffic, settled: now, busy: now }
    }

    pub(crate) fn uptime(&self) -> u64 {
        notation::seconds(self.settled - self.began)
    }

    pub(crate) fn idle_time(&self) -> u64 {
        notation::seconds(self.settled - self.busy)
    }

    pub(crate) fn time_left(&self) -> Option<u64> {
        Some(self.limits.time?.saturating_sub(self.uptime()))
    }

    /// Brings it up to `now`, or to the moment before it at which a limit ends the session; then true.
    pub(crate) fn settle(&mut self, now: Timestamp) -> bool {
        let end = self.end().filter(|end| *end <= now);
        let until = end.unwrap_or(now).max(self.settled);
        let passed = notation::micros(until - self.settled);
        if passed > 0 && !self.granted.is_zero() {
            self.busy = until;
        }
        self.traffic = self.traffic.plus(self.granted.carry(passed));
        self.settled = until;
        end.is_some()
    }

    /// Carries bytes at once.
    pub(crate) fn transfer(&mut self, traffic: Traffic) {
        self.traffic = self.traffic.plus(traffic);
        self.busy = self.settled;
    }

    /// When a limit ends the session, if nothing changes.
    pub(crate) fn end(&self) -> Option<Timestamp> {
        let Limits { time, idle, bytes_in, bytes_out, bytes_total } = self.limits;
        let Traffic { uploaded, downloaded } = self.traffic;
        let Rates { upload_kbps, download_kbps } = self.granted;
        let idle = idle.filter(|_| self.granted.is_zero());
        let total_kbps = upload_kbps.saturating_add(download_kbps);
        [
            time.and_then(|time| after(self.began, time)),
            idle.and_then(|idle| after(self.busy, idle)),
            bytes_in.and_then(|limit| self.reaches(limit, uploaded, upload_kbps)),
            bytes_out.and_then(|limit| self.reaches(limit, downloaded, download_kbps)),
            bytes_total.and_then(|limit| self.reaches(limit, uploaded + downloaded, total_kbps)),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// When so many bytes will have been carried, `carried` units being so already.
    fn reaches(&self, limit: u64, carried: u128, kbps: u32) -> Option<Timestamp> {
        let left = (u128::from(limit) * BYTE).saturating_sub(carried);
        if left == 0 {
            return Some(self.settled);
        }
        if kbps == 0 {
            return None;
        }
        let micros = i64::try_from(left.div_ceil(u128::from(kbps))).ok()?;
        self.settled.checked_add_signed(TimeDelta::microseconds(micros))
    }
}

fn after(moment: Timestamp, seconds: u64) -> Option<Timestamp> {
    moment.checked_add_signed(TimeDelta::try_seconds(i64::try_from(seconds).ok()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    fn session(limits: Limits, granted: Rates) -> Meter {
        Meter::new(at(0), limits, granted)
    }

    const RATES: Rates = Rates { upload_kbps: 3, download_kbps: 800 };

    #[test]
    fn bytes_do_not_depend_on_how_often_somebody_looks() {
        let mut seldom = session(Limits::default(), RATES);
        let mut often = seldom;
        for millis in 1..10_000 {
            assert!(!often.settle(at(0) + TimeDelta::milliseconds(millis)));
        }
        often.settle(at(10));
        seldom.settle(at(10));
        assert_eq!(often.traffic, seldom.traffic);
        assert_eq!((seldom.traffic.uploaded(), seldom.traffic.downloaded()), (3_750, 1_000_000));
    }

    #[test]
    fn a_session_ends_at_the_moment_of_its_first_limit() {
        for (limits, seconds, downloaded) in [
            (Limits { time: Some(7), ..Limits::default() }, 7, 700_000),
            (Limits { bytes_out: Some(500_000), ..Limits::default() }, 5, 500_000),
            (Limits { bytes_in: Some(750), time: Some(60), ..Limits::default() }, 2, 200_000),
        ] {
            let mut open = session(limits, RATES);
            assert!(!open.settle(at(1)));
            assert!(open.settle(at(3_600)));
            assert_eq!((open.uptime(), open.traffic.downloaded()), (seconds, downloaded));
        }
        let mut free = session(Limits { bytes_total: Some(0), ..Limits::default() }, RATES);
        assert!(free.settle(at(0)), "nothing was left");
    }

    #[test]
    fn a_silent_session_ends_when_it_was_idle_for_too_long() {
        let mut open = session(Limits { idle: Some(300), ..Limits::default() }, RATES);
        assert!(!open.settle(at(1_000)));
        open.granted = Rates::default();
        assert!(!open.settle(at(1_200)));
        assert_eq!(open.idle_time(), 200);
        assert!(open.settle(at(2_000)));
        assert_eq!(open.uptime(), 1_300);
    }

    #[test]
    fn a_clock_that_goes_back_takes_nothing_away() {
        let mut open = session(Limits::default(), RATES);
        open.settle(at(10));
        open.settle(at(5));
        assert_eq!((open.uptime(), open.traffic.downloaded()), (10, 1_000_000));
    }
}
