//! What a NAS says of a session (RFC 2866), and what becomes of the row that the embedded server keeps of it.
//!
//! The row is that of FreeRADIUS with the shipped queries: a start opens it, reports carry it on, a stop ends it, and what
//! was overtaken changes nothing. How far a report is, the length of the session tells, which no clock can put back.
//! Where a NAS gives an id a second time and repeats no Class, the row begins anew: every state of a row is
//! journalled as it is written, so that nothing of the earlier session is lost by that. With the Class of one login
//! the row is of one session for ever, whatever clocks say.

use std::net::IpAddr;

use chrono::TimeDelta;
use kernel::Timestamp;
use md5::{Digest as _, Md5};

use crate::observation::Packets;

/// Two starts of one session id that lie further apart are two sessions, even if nothing was said in between: a NAS
/// repeats a start that was not answered for some seconds only.
const REPEATED_WITHIN: TimeDelta = TimeDelta::seconds(30);
/// Why the sessions of a NAS that has begun anew are over (RFC 2866 section 5.10).
pub const NAS_REBOOT: &str = "NAS-Reboot";

/// Which moment of a session's life is told (Acct-Status-Type, RFC 2866 section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It has begun.
    Start,
    /// It goes on.
    Interim,
    /// It is over.
    Stop,
}

/// What a NAS says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// Something of one session.
    Session(Box<SessionReport>),
    /// The NAS has begun anew, or is about to end: no earlier session of it goes on.
    NasRestarted {
        /// The NAS.
        nas_address: IpAddr,
        /// When.
        at: Timestamp,
    },
}

/// What a NAS says of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionReport {
    /// Which moment of its life.
    pub moment: Moment,
    /// When that was.
    pub at: Timestamp,
    /// Which session, and where.
    pub session: Described,
    /// How long it has lasted, in seconds, if the NAS says so.
    pub seconds: Option<u64>,
    /// Bytes from the device.
    pub up: u64,
    /// Bytes to the device.
    pub down: u64,
    /// In how many packets.
    pub packets: Packets,
    /// Why it is over.
    pub cause: String,
}

/// A session by what a NAS says of it in every packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// By which all its packets are known: see [`unique_id`].
    pub unique_id: String,
    /// The NAS's own name for it.
    pub session_id: String,
    /// What the server told the NAS to send back with every packet (RFC 2865 section 5.25).
    pub class: Option<String>,
    /// Who signed in, folded.
    pub username: String,
    /// Where the NAS is.
    pub nas_address: IpAddr,
    /// Its port, by name.
    pub nas_port_id: Option<String>,
    /// What kind of port that is.
    pub nas_port_type: Option<String>,
    /// What the device signed in to.
    pub called_station: Option<String>,
    /// The device.
    pub calling_station: Option<String>,
    /// The address that the device was given.
    pub address: Option<IpAddr>,
    /// How the person was recognised.
    pub authentic: Option<String>,
}

/// A row of `radacct`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountingRow {
    /// Which session.
    pub session: Described,
    /// When it began.
    pub started_at: Timestamp,
    /// When the NAS said something of it last.
    pub updated_at: Timestamp,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// How long before [`updated_at`](Self::updated_at) the NAS had said something, in seconds.
    pub interval: Option<u64>,
    /// How long it had lasted, in seconds.
    pub seconds: u64,
    /// Bytes from the device.
    pub up: u64,
    /// Bytes to the device.
    pub down: u64,
    /// In how many packets.
    pub packets: Packets,
    /// Why it ended; empty while it goes on.
    pub cause: String,
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is written, anew or for the first time.
    Write(Box<AccountingRow>),
    /// It stays as it is: what was said is older than what is known.
    Stay,
}

/// What a session's packets are known by, in the way of FreeRADIUS's policy `acct_unique`: the Class that this login
/// alone was given, with the session's id; without one, who and where. The latter comes twice when a NAS gives an
/// id twice.
#[must_use]
pub fn unique_id(class: Option<&str>, session_id: &str, whoever: &[&str]) -> String {
    let text = match class.and_then(login_of) {
        Some(login) => format!("{login},{session_id}"),
        None => whoever.join(","),
    };
    hex::encode(Md5::digest(text))
}

/// The part of a Class that is one login's own: 32 hexadecimal digits behind `ai:`. What is known by it is one session,
/// however often its NAS gives out the session's id.
#[must_use]
pub fn login_of(class: &str) -> Option<&str> {
    let login = class.strip_prefix("ai:")?.get(..32)?;
    login.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(login)
}

/// What a report makes of the row that is kept of its session.
#[must_use]
pub fn apply(row: Option<&AccountingRow>, report: &SessionReport) -> Change {
    let Some(row) = row else { return Change::begun(report) };
    if is_another(row, report) {
        return Change::begun(report);
    }
    let larger = report.up.saturating_add(report.down) > row.up.saturating_add(row.down);
    let longer = report.seconds.map_or(larger, |seconds| seconds > row.seconds);
    let shorter = report.seconds.is_some_and(|seconds| seconds < row.seconds);
    match (report.moment, row.stopped_at) {
        (Moment::Start, None) if report.at < row.started_at => {
            Change::Write(Box::new(AccountingRow { started_at: report.at, ..row.clone() }))
        }
        (Moment::Start, _) => Change::Stay,
        // A stop that was sent before the last of the counters was known is followed by a better one.
        (Moment::Stop, Some(_)) if larger => row.carried_on(report),
        (Moment::Stop, Some(_)) => Change::Stay,
        (Moment::Stop, None) => row.carried_on(report),
        // A session that was taken for over, and is counted on, is not over; one that was ended for want of better
        // while its last report was on its way is.
        (Moment::Interim, Some(stopped_at)) if longer && report.at > stopped_at => row.carried_on(report),
        (Moment::Interim, Some(_)) if longer => row.carried_on(report).but_over(row),
        (Moment::Interim, Some(_)) => Change::Stay,
        (Moment::Interim, None) if longer => row.carried_on(report),
        (Moment::Interim, None) if shorter || report.at < row.updated_at => Change::Stay,
        (Moment::Interim, None) if report.at == row.updated_at && !larger => Change::Stay,
        (Moment::Interim, None) => row.carried_on(report),
    }
}

/// Whether a report is of another session than the row, to which the NAS has given the same id: it began after all
/// that is known of that one.
fn is_another(row: &AccountingRow, report: &SessionReport) -> bool {
    if report.session.class.as_deref().and_then(login_of).is_some() {
        return false;
    }
    let Some(seconds) = report.lasted() else { return false };
    let (began, says) = (report.began(), (seconds, report.up, report.down));
    let repeated_within = if row.stopped_at.is_none() { REPEATED_WITHIN } else { TimeDelta::zero() };
    began >= row.stopped_at.unwrap_or(row.updated_at)
        && began > row.started_at + repeated_within
        && says != (row.seconds, row.up, row.down)
}

impl SessionReport {
    /// When the session began, as far as this report tells.
    fn began(&self) -> Timestamp {
        let seconds = i64::try_from(self.lasted().unwrap_or(0)).ok().and_then(TimeDelta::try_seconds);
        seconds.and_then(|lasted| self.at.checked_sub_signed(lasted)).unwrap_or(self.at)
    }

    /// How long it had lasted by then.
    fn lasted(&self) -> Option<u64> {
        if self.moment == Moment::Start { Some(0) } else { self.seconds }
    }
}

impl Change {
    fn begun(report: &SessionReport) -> Self {
        let over = report.moment == Moment::Stop;
        Self::Write(Box::new(AccountingRow {
            session: report.session.clone(),
            started_at: report.began(),
            updated_at: report.at,
            stopped_at: over.then_some(report.at),
            interval: None,
            seconds: report.seconds.unwrap_or(0),
            up: report.up,
            down: report.down,
            packets: report.packets,
            cause: if over { report.cause.clone() } else { String::new() },
        }))
    }

    /// The same, but that the session stays over as it was.
    fn but_over(self, as_in: &AccountingRow) -> Self {
        let Self::Write(mut row) = self else { return self };
        (row.stopped_at, row.cause) = (as_in.stopped_at, as_in.cause.clone());
        row.updated_at = row.updated_at.max(as_in.updated_at);
        Self::Write(row)
    }
}

impl AccountingRow {
    fn carried_on(&self, report: &SessionReport) -> Change {
        let over = report.moment == Moment::Stop;
        let since = report.at.signed_duration_since(self.updated_at).num_seconds();
        let mut row = self.clone();
        row.session.address = report.session.address.or(row.session.address);
        row.updated_at = report.at;
        row.stopped_at = over.then_some(report.at.max(self.started_at));
        row.interval = u64::try_from(since).ok();
        (row.seconds, row.up, row.down) = (report.seconds.unwrap_or(row.seconds), report.up, report.down);
        row.packets = report.packets;
        row.cause = if over { report.cause.clone() } else { String::new() };
        Change::Write(Box::new(row))
    }
}

#[cfg(test)]
mod tests;
