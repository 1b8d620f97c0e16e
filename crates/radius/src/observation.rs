//! One look at a row of `radacct`: what a NAS has said of a session, as FreeRADIUS or the embedded server wrote it down.
//!
//! Nothing in it is to be trusted blindly. A NAS believes its own clock, which may stand in 1970 until it has found a
//! time server, so a moment counts only near the portal's own time ([`Observation::believed`]).

use std::net::IpAddr;

use chrono::TimeDelta;
use kernel::Timestamp;

/// How far ahead of the portal's clock an event may be and still be believed.
pub const BELIEVED_AHEAD: TimeDelta = TimeDelta::minutes(5);
/// How far back an event may be, counted from when it was written down, and still be believed. Servers that keep
/// packets while the database is away bring them in late.
pub const BELIEVED_BACK: TimeDelta = TimeDelta::days(1);
/// No session is older. What a NAS claims beyond that is not for the calendar.
pub const LONGEST_SESSION: TimeDelta = TimeDelta::days(31);
/// The largest count that is believed, 10^15: more than any session passes, and so little that the sums over thousands
/// of sessions fit into 64 bits, whatever a NAS claims.
pub const MOST_BYTES: u64 = 1_000_000_000_000_000;

/// Bytes in the two directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// From the device: what RADIUS calls input (RFC 2866 section 5.3).
    pub up: u64,
    /// To the device: what RADIUS calls output (RFC 2866 section 5.4).
    pub down: u64,
}

impl Counters {
    /// Both directions together.
    #[must_use]
    pub const fn sum(self) -> u64 {
        self.up.saturating_add(self.down)
    }

    /// Whether nothing went through.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.up == 0 && self.down == 0
    }

    /// The counters of both.
    #[must_use]
    pub const fn plus(self, more: Self) -> Self {
        Self { up: self.up.saturating_add(more.up), down: self.down.saturating_add(more.down) }
    }

    /// What is left of each after taking some away; never below zero.
    #[must_use]
    pub const fn less(self, some: Self) -> Self {
        Self { up: self.up.saturating_sub(some.up), down: self.down.saturating_sub(some.down) }
    }

    /// The larger of each.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self { up: self.up.max(other.up), down: self.down.max(other.down) }
    }

    /// Whether neither has gone back since `earlier`.
    #[must_use]
    pub const fn reach(self, earlier: Self) -> bool {
        self.up >= earlier.up && self.down >= earlier.down
    }
}

/// Packets in the two directions, as a NAS has last reported them, if it does and the server writes it down. There are
/// no Gigawords for them (RFC 2866 section 5.8): a NAS counts to 2^32 and begins again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Packets {
    /// From the device.
    pub up: Option<u64>,
    /// To the device.
    pub down: Option<u64>,
}

impl Packets {
    /// These, or where they are not known, others.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self { up: self.up.or(others.up), down: self.down.or(others.down) }
    }
}

/// A row of `radacct` as it was right after it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Its place in the queue: the order in which the row was written.
    pub id: i64,
    /// What the server takes for the session's identity (`acctuniqueid`). A NAS that gives an id a second time gives
    /// this a second time.
    pub unique_id: String,
    /// The NAS's own name for the session.
    pub session_id: String,
    /// What the server told the NAS to send back with every packet of the session (RFC 2865 section 5.25).
    pub class: Option<String>,
    /// Who signed in, as typed.
    pub username: String,
    /// Where the NAS is.
    pub nas_address: String,
    /// Its port.
    pub nas_port_id: Option<String>,
    /// The device, in whichever way the NAS writes it.
    pub calling_station: Option<String>,
    /// The address that the device was given.
    pub address: Option<IpAddr>,
    /// When the session began.
    pub started_at: Option<Timestamp>,
    /// When the NAS last said something of it.
    pub updated_at: Option<Timestamp>,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// How long it had lasted, in seconds.
    pub seconds: Option<u64>,
    /// What had gone through it.
    pub counters: Counters,
    /// In how many packets.
    pub packets: Packets,
    /// Why it ended (RFC 2866 section 5.10).
    pub cause: Option<String>,
    /// When the row was written, by the database's clock.
    pub observed_at: Timestamp,
}

/// What is believed of an [`Observation`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// When the NAS said it.
    pub at: Timestamp,
    /// When the session began; nothing if the row says nothing sensible.
    pub started_at: Option<Timestamp>,
    /// When the session ended, if the row says so and does not mean an earlier one.
    pub stopped_at: Option<Timestamp>,
    /// How long it had lasted, in seconds.
    pub age: u64,
    /// What had gone through it.
    pub counters: Counters,
}

impl Seen {
    /// When what the counters count must have begun.
    #[must_use]
    pub fn began(&self) -> Timestamp {
        let age = i64::try_from(self.age).ok().and_then(TimeDelta::try_seconds);
        let age = age.map_or(LONGEST_SESSION, |age| age.min(LONGEST_SESSION));
        self.at.checked_sub_signed(age).unwrap_or(self.at)
    }
}

impl Observation {
    /// What is believed of it while the portal's clock shows `now`: moments near that, or near when the row was written
    /// by the database's clock. Any other is replaced by the earlier of the two.
    #[must_use]
    pub fn believed(&self, now: Timestamp) -> Seen {
        let written_at = self.observed_at.min(now);
        let near_to = |clock: Timestamp, moment: Timestamp| {
            moment >= clock - BELIEVED_BACK && moment <= clock + BELIEVED_AHEAD
        };
        let near = |moment: &Timestamp| near_to(now, *moment) || near_to(self.observed_at, *moment);
        let said_at = self.updated_at.or(self.stopped_at).or(self.started_at);
        let at = said_at.filter(near).unwrap_or(written_at);
        let sensible = |start: &Timestamp| near(start) || (*start <= at && *start >= at - LONGEST_SESSION);
        let started_at = self.started_at.filter(sensible);
        // The server may have written the beginning of a later session into the row of an ended one.
        let of_now = |stop: &Timestamp| {
            self.updated_at == Some(*stop) || self.started_at.is_none_or(|start| *stop >= start)
        };
        let ended = self.stopped_at.filter(of_now);
        let lasted = started_at.and_then(|start| u64::try_from((at - start).num_seconds()).ok());
        Seen {
            at,
            started_at,
            stopped_at: ended.map(|stop| Some(stop).filter(near).unwrap_or(at)),
            age: self.seconds.or(lasted).unwrap_or(0),
            counters: Counters {
                up: self.counters.up.min(MOST_BYTES),
                down: self.counters.down.min(MOST_BYTES),
            },
        }
    }

    /// The device as upper-case hexadecimal with colons, if the NAS told one.
    #[must_use]
    pub fn mac(&self) -> Option<String> {
        self.calling_station.as_deref().and_then(mac)
    }
}

/// The MAC that a NAS means by a text such as `02-00-5e-00-53-01`, `0200.5e00.5301` or `02:00:5E:00:53:01`, as
/// upper-case hexadecimal with colons. Zeros are nobody's.
#[must_use]
pub fn mac(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|letter| !":-. ".contains(*letter)).collect();
    let hexadecimal = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !hexadecimal || digits.bytes().all(|byte| byte == b'0') {
        return None;
    }
    let upper = digits.to_ascii_uppercase();
    let pairs: Vec<&str> = (0..6).filter_map(|pair| upper.get(pair * 2..pair * 2 + 2)).collect();
    Some(pairs.join(":"))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use kernel::Timestamp;

    use super::{Counters, Observation, Packets, mac};

    fn now() -> Timestamp {
        DateTime::from_timestamp(1_768_651_200, 0).unwrap()
    }

    fn looked_at(seconds_ago: i64) -> Observation {
        let at = now() - TimeDelta::seconds(seconds_ago);
        Observation {
            id: 1,
            unique_id: "u".into(),
            session_id: "s".into(),
            class: None,
            username: "q08".into(),
            nas_address: "10.0.0.1".into(),
            nas_port_id: None,
            calling_station: None,
            address: None,
            started_at: Some(at - TimeDelta::seconds(600)),
            updated_at: Some(at),
            stopped_at: None,
            seconds: Some(600),
            counters: Counters { up: 1, down: 2 },
            packets: Packets::default(),
            cause: None,
            observed_at: at,
        }
    }

    #[test]
    fn what_a_sane_nas_says_is_believed() {
        let seen = looked_at(60).believed(now());
        assert_eq!(seen.at, now() - TimeDelta::seconds(60));
        assert_eq!(
            (seen.started_at, seen.began()),
            (Some(seen.at - TimeDelta::seconds(600)), seen.at - TimeDelta::seconds(600))
        );
        assert_eq!((seen.age, seen.stopped_at), (600, None));
    }

    #[test]
    fn moments_far_in_the_future_or_the_past_are_not_believed() {
        for off in
            [TimeDelta::days(-20_000), TimeDelta::days(-2), TimeDelta::minutes(6), TimeDelta::days(1_500)]
        {
            let mut row = looked_at(60);
            row.updated_at = Some(now() + off);
            row.stopped_at = row.updated_at;
            let seen = row.believed(now());
            assert_eq!((seen.at, seen.stopped_at), (row.observed_at, Some(row.observed_at)), "{off}");
        }
        let mut row = looked_at(60);
        row.started_at = Some(DateTime::UNIX_EPOCH);
        assert_eq!(row.believed(now()).started_at, None);
        row.observed_at = now() + TimeDelta::days(300);
        row.updated_at = Some(DateTime::UNIX_EPOCH);
        assert_eq!(row.believed(now()).at, now());
    }

    #[test]
    fn a_portal_whose_clock_is_wrong_believes_the_database() {
        let row = looked_at(60);
        for off in [TimeDelta::days(-9), TimeDelta::hours(-2), TimeDelta::days(9)] {
            assert_eq!(Some(row.believed(now() + off).at), row.updated_at, "{off}");
        }
    }

    #[test]
    fn what_was_written_while_the_portal_was_away_keeps_its_time() {
        let row = looked_at(5 * 86_400);
        assert_eq!(Some(row.believed(now()).at), row.updated_at);
    }

    #[test]
    fn the_end_of_an_earlier_session_ends_no_later_one() {
        let mut row = looked_at(60);
        row.stopped_at = row.started_at.map(|start| start - TimeDelta::seconds(1));
        assert_eq!(row.believed(now()).stopped_at, None);
    }

    #[test]
    fn an_age_beyond_reason_reaches_back_a_month_at_most() {
        let mut row = looked_at(0);
        row.seconds = Some(u64::MAX);
        assert_eq!(row.believed(now()).began(), now() - TimeDelta::days(31));
    }

    #[test]
    fn a_mac_is_read_however_it_is_written() {
        for text in ["02:00:5e:00:53:01", "02-00-5E-00-53-01", "0200.5e00.5301", "02005E005301"] {
            assert_eq!(mac(text).as_deref(), Some("02:00:5E:00:53:01"), "{text}");
        }
        for text in ["", "10.5.50.2", "000000000000", "02:00:5E:00:53", "ééé", "02:00:5E:00:53:0G"] {
            assert_eq!(mac(text), None, "{text}");
        }
    }
}
