//! Sessions on the NAS: whose, from where, under which limits, and what has been reported of them.

use std::net::Ipv4Addr;

use chrono::TimeDelta;
use kernel::Timestamp;
use radius_tokio::PacketBuffer;
use radius_tokio::attributes::{first, first_vsa};
use radius_tokio::dict::{mikrotik::attrs as mikrotik, rfc::attrs};

use crate::meter::{Limits, Meter, Rates};
use crate::routeros::notation::{self, RateLimits};

/// RouterOS reports no session more often than once a minute (manual: `Acct-Interim-Interval`).
const SHORTEST_INTERIM: u32 = 60;

/// What every packet about a session says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Station {
    pub(super) user: String,
    pub(super) address: Ipv4Addr,
    pub(super) mac: String,
    /// `NAS-Port`. RouterOS writes it in hexadecimal as the `Acct-Session-Id`, too.
    pub(super) port: u32,
}

impl Station {
    /// `Acct-Session-Id`.
    pub(super) fn session_id(&self) -> String {
        format!("{:08x}", self.port)
    }
}

/// Somebody online.
#[derive(Debug, Clone)]
pub(super) struct Session {
    /// Numbers sessions over all restarts, which nothing on the wire does.
    pub(super) serial: u64,
    pub(super) station: Station,
    pub(super) meter: Meter,
    pub(super) grant: Grant,
    /// When it is reported next.
    pub(super) report_at: Option<Timestamp>,
}

impl Session {
    pub(super) fn new(serial: u64, station: Station, grant: Grant, demand: Rates, now: Timestamp) -> Self {
        let meter = Meter::new(now, grant.limits, demand);
        let mut session = Self { serial, station, meter, grant, report_at: None };
        session.throttle();
        session.plan_report(now);
        session
    }

    /// Lets the client use what its rate limit leaves of what it would.
    pub(super) fn throttle(&mut self) {
        self.meter.granted = self.meter.demand.under(self.grant.rate.unwrap_or_default());
    }

    /// Takes over what a CoA-Request names. A new timeout counts from the session's beginning, as the one that it
    /// replaces; that RouterOS reads it so is not verified.
    pub(super) fn change(&mut self, to: &Grant) {
        let limits = &mut self.meter.limits;
        limits.time = to.limits.time.or(limits.time);
        limits.idle = to.limits.idle.or(limits.idle);
        limits.bytes_in = to.limits.bytes_in.or(limits.bytes_in);
        limits.bytes_out = to.limits.bytes_out.or(limits.bytes_out);
        self.grant.rate = to.rate.or(self.grant.rate);
        self.throttle();
    }

    /// Plans the next report.
    pub(super) fn plan_report(&mut self, now: Timestamp) {
        self.report_at =
            self.grant.interim.and_then(|seconds| now.checked_add_signed(TimeDelta::seconds(seconds.into())));
    }

    /// When something happens to it by itself.
    pub(super) fn next_moment(&self) -> Option<Timestamp> {
        [self.report_at, self.meter.end()].into_iter().flatten().min()
    }

    /// Which limit has been reached, as RFC 2866 section 5.10 counts causes. RouterOS's cause for a used up volume is
    /// not verified.
    pub(super) fn ending(&self) -> Cause {
        let idle = self.meter.limits.idle.is_some_and(|limit| self.meter.idle_time() >= limit);
        if idle { Cause::IdleTimeout } else { Cause::SessionTimeout }
    }
}

/// What the server allows a session, by an Access-Accept or a CoA-Request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) limits: Limits,
    pub(super) rate: Option<RateLimits>,
    /// Seconds between reports.
    pub(super) interim: Option<u32>,
    /// What every report repeats (RFC 2865 section 5.25).
    pub(super) class: Option<Vec<u8>>,
}

impl Grant {
    /// What a packet says; what it does not name is without limit.
    pub(super) fn read(packet: &PacketBuffer, interim_seconds: Option<u32>) -> Self {
        let all = packet.attributes();
        let bytes = |low, high| match (first_vsa(all, low), first_vsa(all, high)) {
            (None, None) => None,
            (low, high) => Some(u64::from(high.unwrap_or(0)) << 32 | u64::from(low.unwrap_or(0))),
        };
        let limits = Limits {
            time: first(all, attrs::SESSION_TIMEOUT).map(u64::from),
            idle: first(all, attrs::IDLE_TIMEOUT).map(u64::from),
            bytes_in: bytes(mikrotik::MIKROTIK_RECV_LIMIT, mikrotik::MIKROTIK_RECV_LIMIT_GIGAWORDS),
            bytes_out: bytes(mikrotik::MIKROTIK_XMIT_LIMIT, mikrotik::MIKROTIK_XMIT_LIMIT_GIGAWORDS),
            bytes_total: bytes(mikrotik::MIKROTIK_TOTAL_LIMIT, mikrotik::MIKROTIK_TOTAL_LIMIT_GIGAWORDS),
        };
        let interim = first(all, attrs::ACCT_INTERIM_INTERVAL).or(interim_seconds);
        Self {
            limits,
            rate: first_vsa(all, mikrotik::MIKROTIK_RATE_LIMIT).and_then(notation::read_rates),
            interim: interim.map(|seconds| seconds.max(SHORTEST_INTERIM)),
            class: first(all, attrs::CLASS).map(<[u8]>::to_vec),
        }
    }
}

/// Why a session ended: the codes of RFC 2866 section 5.10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    UserRequest = 1,
    IdleTimeout = 4,
    SessionTimeout = 5,
    AdminReset = 6,
    NasReboot = 11,
}

/// What a report says of a session, and when it became so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) serial: u64,
    pub(super) station: Station,
    pub(super) class: Option<Vec<u8>>,
    pub(super) seconds: u64,
    pub(super) uploaded: u64,
    pub(super) downloaded: u64,
}

impl From<&Session> for Figures {
    fn from(session: &Session) -> Self {
        Self {
            serial: session.serial,
            station: session.station.clone(),
            class: session.grant.class.clone(),
            seconds: session.meter.uptime(),
            uploaded: session.meter.traffic.uploaded(),
            downloaded: session.meter.traffic.downloaded(),
        }
    }
}

/// A session as it truly was, and as much of it as has left the NAS: what a server's books can be held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Numbers sessions, over all restarts.
    pub serial: u64,
    /// Who it was.
    pub user: String,
    /// Its `Acct-Session-Id`, which a restart gives out again.
    pub session_id: String,
    /// When it began.
    pub began: Timestamp,
    /// Whether it is over, reported or not.
    pub over: bool,
    /// Bytes from the client.
    pub uploaded: u64,
    /// Bytes to the client.
    pub downloaded: u64,
    /// The most bytes from the client that any report said that got through, Gigawords counted.
    pub reported_up: u64,
    /// The most bytes to the client that any report said that got through, Gigawords counted.
    pub reported_down: u64,
    /// Whether a report of its end got through.
    pub end_reported: bool,
    /// Every report of it that got through, in the order in which that happened.
    pub told: Vec<Told>,
}

/// A report of a session that got through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// When what it told was so.
    pub at: Timestamp,
    /// Bytes from the client by then.
    pub uploaded: u64,
    /// Bytes to the client by then.
    pub downloaded: u64,
}

/// Somebody online, for a look from outside.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Online {
    /// Who.
    pub user: String,
    /// From where.
    pub address: Ipv4Addr,
    /// With which device.
    pub mac: String,
    /// The `Acct-Session-Id`.
    pub session_id: String,
    /// For how long, in seconds.
    pub seconds: u64,
    /// Bytes from the client.
    pub uploaded: u64,
    /// Bytes to the client.
    pub downloaded: u64,
    /// Kilobits per second from the client, at most.
    pub upload_kbps: Option<u32>,
    /// Kilobits per second to the client, at most.
    pub download_kbps: Option<u32>,
    /// How long it may last, in seconds.
    pub session_timeout: Option<u64>,
    /// After how many seconds without traffic it ends.
    pub idle_timeout: Option<u64>,
    /// How many bytes it may carry both ways.
    pub total_limit: Option<u64>,
}

impl From<&Session> for Online {
    fn from(session: &Session) -> Self {
        let Session { station, meter, grant, .. } = session;
        let rate = grant.rate.unwrap_or_default();
        Self {
            user: station.user.clone(),
            address: station.address,
            mac: station.mac.clone(),
            session_id: station.session_id(),
            seconds: meter.uptime(),
            uploaded: meter.traffic.uploaded(),
            downloaded: meter.traffic.downloaded(),
            upload_kbps: rate.upload_kbps,
            download_kbps: rate.download_kbps,
            session_timeout: meter.limits.time,
            idle_timeout: meter.limits.idle,
            total_limit: meter.limits.bytes_total,
        }
    }
}
