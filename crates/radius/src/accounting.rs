//! What a NAS says of a session (RFC 2866), and what becomes of the row that the embedded server keeps of it.
//!
//! The row is that of FreeRADIUS: a start opens it, reports carry it on, a stop ends it, and what comes late changes
//! nothing. One thing is different. FreeRADIUS loses every report of a session whose id the NAS has given out before,
//! since the row of that id is closed; here the row begins anew. Every state of a row is journalled as it is
//! written, so that nothing of the earlier session is lost by that.

use std::net::IpAddr;

use chrono::TimeDelta;
use kernel::Timestamp;
use md5::{Digest as _, Md5};

/// Two starts of one session id that lie further apart are two sessions, even if nothing was said in between: a NAS
/// repeats a start that was not answered for some seconds only.
const REPEATED_WITHIN: TimeDelta = TimeDelta::seconds(60);
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
    /// How long it has lasted, in seconds.
    pub seconds: u64,
    /// Bytes from the device.
    pub up: u64,
    /// Bytes to the device.
    pub down: u64,
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
    let text = match class.and_then(login_of_class) {
        Some(login) => format!("{login},{session_id}"),
        None => whoever.join(","),
    };
    hex::encode(Md5::digest(text))
}

/// The part of a Class that is one login's own: 32 hexadecimal digits behind `ai:`.
fn login_of_class(class: &str) -> Option<&str> {
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
    match (report.moment, row.stopped_at) {
        // A stop that was sent before the last of the counters was known is followed by a better one.
        (Moment::Stop, Some(_)) if larger => row.carried_on(report),
        (Moment::Start | Moment::Interim | Moment::Stop, Some(_)) => Change::Stay,
        (Moment::Start, None) if report.at < row.started_at => {
            Change::Write(Box::new(AccountingRow { started_at: report.at, ..row.clone() }))
        }
        (Moment::Start, None) => Change::Stay,
        (Moment::Interim, None) if report.at < row.updated_at => Change::Stay,
        (Moment::Interim | Moment::Stop, None) => row.carried_on(report),
    }
}

/// Whether a report is of another session than the row, to which the NAS has given the same id.
fn is_another(row: &AccountingRow, report: &SessionReport) -> bool {
    let began = report.began();
    match (report.moment, row.stopped_at) {
        (_, Some(stopped_at)) => began > stopped_at,
        (Moment::Start, None) if row.updated_at > row.started_at => began >= row.updated_at,
        (Moment::Start, None) => began > row.started_at + REPEATED_WITHIN,
        (Moment::Interim | Moment::Stop, None) => report.seconds < row.seconds && began >= row.updated_at,
    }
}

impl SessionReport {
    /// When the session began, as far as this report tells.
    fn began(&self) -> Timestamp {
        let seconds = i64::try_from(self.seconds).ok().and_then(TimeDelta::try_seconds);
        match self.moment {
            Moment::Start => self.at,
            Moment::Interim | Moment::Stop => {
                seconds.and_then(|lasted| self.at.checked_sub_signed(lasted)).unwrap_or(self.at)
            }
        }
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
            seconds: report.seconds,
            up: report.up,
            down: report.down,
            cause: if over { report.cause.clone() } else { String::new() },
        }))
    }
}

impl AccountingRow {
    fn carried_on(&self, report: &SessionReport) -> Change {
        let over = report.moment == Moment::Stop;
        let since = report.at.signed_duration_since(self.updated_at).num_seconds();
        let mut row = self.clone();
        row.session.address = report.session.address.or(row.session.address);
        row.updated_at = self.updated_at.max(report.at);
        row.stopped_at = over.then_some(report.at.max(self.started_at));
        row.interval = u64::try_from(since).ok();
        (row.seconds, row.up, row.down) = (report.seconds, report.up, report.down);
        if over {
            row.cause.clone_from(&report.cause);
        }
        Change::Write(Box::new(row))
    }
}

#[cfg(test)]
mod tests;
