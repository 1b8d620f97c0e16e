//! A device's time on a router's hotspot, and how it is told from the router's lists.
//!
//! A router counts from when a session began, and forgets: it reboots, its counters are reset, and it gives an
//! old session's id to a new one (RouterOS makes the id of an active session from its address). So a session is
//! the same as before only if everything that names it is the same *and* it has been up for as long as it should
//! be by now ([`Session::continues`]); and a counter that has gone back has begun anew ([`Traffic::observe`]).
//! What was seen is never taken back and never counted twice. What passed between the last look and a session's
//! end nobody knows; it is not counted.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::IpAddr,
};

use chrono::TimeDelta;
use kernel::{
    Timestamp,
    id::ids::{DeviceId, HotspotSessionId, HotspotUserId, RouterId, UserId},
};

use crate::ports::{RateLimit, RouterSession};

/// How long after its end a session that shows up again is taken for the same: a router may leave a session out
/// of one list and have it in the next.
pub const REOPENS_WITHIN: TimeDelta = TimeDelta::hours(1);

/// No session is older: ten years. What a router claims beyond that is not for the calendar.
pub const LONGEST_UPTIME: TimeDelta = TimeDelta::days(3653);

/// One device's time on a router's hotspot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Names it.
    pub id: HotspotSessionId,
    /// The router.
    pub router_id: RouterId,
    /// The router's own name for it; another session may have it later.
    pub router_session_id: String,
    /// Who signed in.
    pub username: String,
    /// Their credentials, if these are ours.
    pub hotspot_user_id: Option<HotspotUserId>,
    /// The account that the credentials belong to.
    pub user_id: Option<UserId>,
    /// The device as its owner knows it.
    pub device_id: Option<DeviceId>,
    /// The device, as upper-case hexadecimal with colons.
    pub mac: String,
    /// The device's address.
    pub address: IpAddr,
    /// When it began, reckoned from its uptime.
    pub started_at: Timestamp,
    /// When the router was asked last and had it.
    pub last_seen_at: Timestamp,
    /// When it was found to be over.
    pub closed_at: Option<Timestamp>,
    /// Why it is over, once it is.
    pub ending: Option<SessionEnding>,
    /// How long it had been open when it was last seen, in seconds.
    pub uptime_seconds: u64,
    /// What went through it.
    pub traffic: Traffic,
    /// When staff wanted it ended.
    pub termination_asked_at: Option<Timestamp>,
    /// The live limit that staff want, and when the router took it.
    pub limit: Option<LiveLimit>,
}

/// A limit on an open session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveLimit {
    /// The rates.
    pub rates: RateLimit,
    /// When the router took it; until then it is on its way.
    pub set_at: Option<Timestamp>,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEnding {
    /// The router does not list it any more: signed out, out of reach, timed out, or the router was restarted.
    Gone,
    /// Staff ended it.
    Terminated,
    /// The credentials are over.
    CredentialsOver,
    /// Its device is deactivated.
    DeviceBlocked,
}

impl SessionEnding {
    /// Every ending.
    pub const ALL: [Self; 4] = [Self::Gone, Self::Terminated, Self::CredentialsOver, Self::DeviceBlocked];

    /// The ending as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Terminated => "terminated",
            Self::CredentialsOver => "credentials_over",
            Self::DeviceBlocked => "device_blocked",
        }
    }

    /// Reads a stored ending.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| ending.as_str() == text)
    }
}

impl fmt::Display for SessionEnding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Bytes through a session, from counters that may begin anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// From the device, before the counters last began anew.
    pub banked_up: u64,
    /// To the device, before the counters last began anew.
    pub banked_down: u64,
    /// From the device, as the router last said.
    pub seen_up: u64,
    /// To the device, as the router last said.
    pub seen_down: u64,
}

impl Traffic {
    /// Bytes from the device.
    #[must_use]
    pub const fn uploaded(self) -> u64 {
        self.banked_up.saturating_add(self.seen_up)
    }

    /// Bytes to the device.
    #[must_use]
    pub const fn downloaded(self) -> u64 {
        self.banked_down.saturating_add(self.seen_down)
    }

    /// Takes in what the router says now. If either counter has gone back, both have begun anew, and what they
    /// said before is kept.
    #[must_use]
    pub const fn observe(self, up: u64, down: u64) -> Self {
        let anew = up < self.seen_up || down < self.seen_down;
        let (banked_up, banked_down) = match anew {
            true => (self.uploaded(), self.downloaded()),
            false => (self.banked_up, self.banked_down),
        };
        Self { banked_up, banked_down, seen_up: up, seen_down: down }
    }
}

impl Session {
    /// Whether what a router listed at `at` is this session, still or again, and not a later one that the router
    /// gave the same id. A session that goes on has been up for as long as before and the time that has passed; a
    /// later one at most for the time that has passed. The border between the two lies in the middle, so that
    /// an answer that was a while on its way, or a session begun right after the last look, does not deceive.
    #[must_use]
    pub fn continues(&self, listed: &RouterSession, at: Timestamp) -> bool {
        let passed = u64::try_from((at - self.last_seen_at).num_seconds()).unwrap_or(0);
        let same =
            self.router_session_id == listed.id && self.username == listed.username && self.mac == listed.mac;
        let border = passed.saturating_add(self.uptime_seconds / 2);
        same && listed.uptime_seconds >= self.uptime_seconds && listed.uptime_seconds >= border
    }

    /// The session as it is after the router listed it at `at`: open, whether or not it was thought to be over.
    #[must_use]
    pub fn seen_again(&self, listed: &RouterSession, at: Timestamp) -> Self {
        Self {
            address: listed.address,
            last_seen_at: at,
            closed_at: None,
            ending: None,
            uptime_seconds: listed.uptime_seconds,
            traffic: self.traffic.observe(listed.uploaded_bytes, listed.downloaded_bytes),
            ..self.clone()
        }
    }

    /// When a listed session must have begun; now if it claims to be older than [any can be](LONGEST_UPTIME).
    #[must_use]
    pub fn beginning_of(listed: &RouterSession, at: Timestamp) -> Timestamp {
        let uptime = i64::try_from(listed.uptime_seconds).ok().and_then(TimeDelta::try_seconds);
        let uptime = uptime.filter(|uptime| *uptime <= LONGEST_UPTIME);
        uptime.and_then(|uptime| at.checked_sub_signed(uptime)).unwrap_or(at)
    }
}

/// What a router's list changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionChanges {
    /// Those that the list has and nobody knew.
    pub opened: Vec<RouterSession>,
    /// Those that go on, as they are now.
    pub continued: Vec<Session>,
    /// Those that were open and are over.
    pub closed: Vec<HotspotSessionId>,
}

/// Compares the sessions that are known of a router (the open ones, and those closed of late) with the router's
/// list of open sessions at `at`.
#[must_use]
pub fn reconcile(known: &[Session], listed: &[RouterSession], at: Timestamp) -> SessionChanges {
    // Of several that had an id one after the other, only the latest can go on.
    let mut latest: BTreeMap<(&str, &str, &str), &Session> = BTreeMap::new();
    for session in known {
        let key = (session.router_session_id.as_str(), session.username.as_str(), session.mac.as_str());
        let entry = latest.entry(key).or_insert(session);
        if (session.last_seen_at, session.id) > (entry.last_seen_at, entry.id) {
            *entry = session;
        }
    }
    let listed: BTreeMap<&str, &RouterSession> =
        listed.iter().map(|session| (session.id.as_str(), session)).collect();
    let mut changes = SessionChanges::default();
    for session in listed.values() {
        let key = (session.id.as_str(), session.username.as_str(), session.mac.as_str());
        match latest.get(&key).filter(|known| known.continues(session, at)) {
            Some(known) => changes.continued.push(known.seen_again(session, at)),
            None => changes.opened.push((*session).clone()),
        }
    }
    let go_on: BTreeSet<_> = changes.continued.iter().map(|session| session.id).collect();
    let open = known.iter().filter(|session| session.closed_at.is_none());
    changes.closed = open.map(|session| session.id).filter(|id| !go_on.contains(id)).collect();
    changes
}

#[cfg(test)]
mod tests;
