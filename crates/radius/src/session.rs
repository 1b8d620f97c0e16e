//! A device's time on a NAS, as accounting tells of it.
//!
//! The server names a session by a text (`acctuniqueid`) that a NAS may cause twice, when it gives an id of its own a
//! second time. So a session is that name *and* its place among those that had it ([`Trail`]): a later beginning in the
//! same row is another session, unless it only corrects the beginning of the one that is known.
//!
//! What the row's counters say counts only when it differs from what they said before. Whoever writes nothing but an
//! end or a beginning into a row (the server at a NAS's reboot, the portal when nobody is heard any more) leaves the
//! counters as they were, and has said nothing of them.

use chrono::TimeDelta;
use kernel::{
    Timestamp,
    id::ids::{RadiusSessionId, SubscriberId, UserId},
};

use crate::{
    accounting::login_of,
    meter::{Growth, JITTER, Meter, Reading, Width},
    observation::{Counters, Observation, Packets, Seen},
    subscriber::fold,
};

/// How often a NAS is asked to report on a session, in seconds (`Acct-Interim-Interval`, RFC 2869 section 5.16).
pub const INTERIM_SECONDS: u32 = 300;
/// A session of which nothing is heard for so long is taken for over: three reports were due.
pub const SILENT_FOR: TimeDelta = TimeDelta::seconds(3 * INTERIM_SECONDS as i64);
/// Why such a session is over (RFC 2866 section 5.10).
pub const LOST_CARRIER: &str = "Lost-Carrier";
/// Why a session is over whose id the NAS has given to another.
pub const REPLACED: &str = "NAS-Error";

/// One device's time on a NAS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Names it.
    pub id: RadiusSessionId,
    /// What the server takes for its identity.
    pub unique_id: String,
    /// Its place among the sessions with this name, from 1.
    pub generation: u32,
    /// The NAS's own name for it.
    pub session_id: String,
    /// What the server told the NAS to send back with every packet.
    pub class: Option<String>,
    /// Who signed in, folded.
    pub username: String,
    /// Whose it is, if somebody's.
    pub subscriber_id: Option<SubscriberId>,
    /// Whose account that is, if one's.
    pub user_id: Option<UserId>,
    /// Where the NAS is.
    pub nas_address: String,
    /// Its port.
    pub nas_port_id: Option<String>,
    /// The device, as upper-case hexadecimal with colons, if the NAS told one.
    pub mac: Option<String>,
    /// The address that the device was given.
    pub address: Option<std::net::IpAddr>,
    /// When it began.
    pub started_at: Timestamp,
    /// When the NAS last said something of it.
    pub last_seen_at: Timestamp,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// Why it ended, in the words of RFC 2866 section 5.10.
    pub cause: Option<String>,
    /// How long it had lasted when it was last heard of, in seconds.
    pub seconds: u64,
    /// What went through it.
    pub used: Counters,
    /// In how many packets, by the furthest report.
    pub packets: Packets,
    /// The reports that this was told by.
    pub meter: Meter,
    /// The beginning and the counters that the server's row had when it was last looked at, believed or not.
    pub row: Row,
}

/// What is compared with the next look at a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Row {
    /// The beginning.
    pub started_at: Option<Timestamp>,
    /// The counters.
    pub counters: Counters,
}

/// What one look at a row means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Which session it is about, by its generation.
    pub generation: u32,
    /// Whether that was not known before.
    pub opened: bool,
    /// What it means to its meter.
    pub reading: Reading,
    /// Whether a session ended with this look.
    pub closed: Vec<u32>,
}

/// The sessions with one name, of which the last two matter: reports of the one before the last may still come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trail {
    sessions: Vec<Session>,
}

/// Which session of a trail a look is about.
enum Place {
    Latest,
    Earlier,
    Another,
}

impl Trail {
    /// The sessions with one name that are known, in any order.
    #[must_use]
    pub fn of(mut known: Vec<Session>) -> Self {
        known.sort_by_key(|session| session.generation);
        Self { sessions: known }
    }

    /// The sessions, earliest first.
    #[must_use]
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// The sessions, to be attributed.
    pub fn sessions_mut(&mut self) -> &mut [Session] {
        &mut self.sessions
    }

    /// Takes in a look at the row, while the portal's clock shows `now`. A session that was not known is called `id`.
    pub fn observe(
        &mut self,
        look: &Observation,
        width: Width,
        now: Timestamp,
        id: impl FnOnce() -> RadiusSessionId,
    ) -> Observed {
        let seen = look.believed(now);
        let place = self.place(look, &seen);
        let mut closed = Vec::new();
        let opened = matches!(place, Place::Another);
        if opened {
            let earlier = self.sessions.last_mut();
            let (generation, row) = earlier
                .as_deref()
                .map_or((1, Row::default()), |earlier| (earlier.generation.saturating_add(1), earlier.row));
            if let Some(earlier) = earlier.filter(|earlier| earlier.stopped_at.is_none()) {
                earlier.stopped_at = Some(earlier.last_seen_at);
                earlier.cause = Some(REPLACED.to_owned());
                closed.push(earlier.generation);
            }
            self.sessions.push(Session::begin(id(), generation, look, &seen, row));
        }
        // The row is one for all of them: what it said last is kept with the latest.
        let row_before = self.sessions.last().map(|latest| latest.row).unwrap_or_default();
        if let Some(latest) = self.sessions.last_mut() {
            latest.row = Row { started_at: look.started_at, counters: seen.counters };
        }
        let which = self.sessions.len().saturating_sub(if matches!(place, Place::Earlier) { 2 } else { 1 });
        let Some(session) = self.sessions.get_mut(which) else {
            return Observed { generation: 0, opened, reading: Reading::Unchanged, closed };
        };
        let was_open = session.stopped_at.is_none();
        let news = (seen.counters != row_before.counters).then_some(width);
        let reading = session.read(&seen, news);
        if !matches!(place, Place::Earlier) {
            session.corrected(look, &seen, !opened && look.started_at != row_before.started_at);
        }
        if was_open && session.stopped_at.is_some() {
            closed.push(session.generation);
        }
        Observed { generation: session.generation, opened, reading, closed }
    }

    fn place(&self, look: &Observation, seen: &Seen) -> Place {
        let Some(latest) = self.sessions.last() else { return Place::Another };
        let earlier = self.sessions.len().checked_sub(2).and_then(|at| self.sessions.get(at));
        // What is known by the Class of one login is one session, whatever clocks say.
        if look.class.as_deref().and_then(login_of).is_some() {
            return Place::Latest;
        }
        if earlier.is_some_and(|earlier| is_of_earlier(earlier, latest, seen)) {
            return Place::Earlier;
        }
        if is_reborn(latest, seen) {
            return Place::Another;
        }
        let begins = seen.started_at.filter(|_| look.started_at != latest.row.started_at);
        match begins {
            // A beginning that comes late lies before what the NAS has said of the session since.
            Some(start) if start > latest.started_at && start >= latest.last_seen_at => Place::Another,
            _ => Place::Latest,
        }
    }
}

/// Whether a look tells of a session whose row a later one has taken over: it was made before that began, or what it
/// counts began nearer to the first of the two beginnings.
fn is_of_earlier(earlier: &Session, latest: &Session, seen: &Seen) -> bool {
    let apart = latest.started_at - earlier.started_at;
    let news = seen.counters != latest.row.counters;
    seen.at < latest.started_at || (news && seen.began() < earlier.started_at + apart / 2)
}

/// Whether what is counted began after the latest session had ended: its id was given again, and the beginning was
/// not heard. One that the portal itself gave up may go on, on a NAS that does not count the time of a sleeping device.
fn is_reborn(latest: &Session, seen: &Seen) -> bool {
    let news = seen.counters != latest.row.counters;
    let ended = latest.stopped_at.filter(|_| latest.cause.as_deref() != Some(LOST_CARRIER));
    let began = seen.began();
    news && ended.is_some_and(|ended| began + JITTER >= ended && began > latest.started_at + JITTER)
}

impl Session {
    fn begin(id: RadiusSessionId, generation: u32, look: &Observation, seen: &Seen, row: Row) -> Self {
        // A row that began with a report may say that the session began then; one that an earlier session has left may
        // say how long that lasted.
        let counted = generation == 1 || seen.counters != row.counters;
        let began = seen.began();
        let started_at = match seen.started_at {
            Some(start) if generation == 1 => start.min(began),
            Some(start) if Some(start) != row.started_at => start,
            Some(_) | None if counted => began,
            Some(_) | None => seen.at,
        };
        Self {
            id,
            unique_id: look.unique_id.clone(),
            generation,
            session_id: look.session_id.clone(),
            class: look.class.clone(),
            username: fold(&look.username),
            subscriber_id: None,
            user_id: None,
            nas_address: look.nas_address.clone(),
            nas_port_id: look.nas_port_id.clone(),
            mac: look.mac(),
            address: look.address,
            started_at,
            last_seen_at: seen.at.max(started_at),
            stopped_at: None,
            cause: None,
            seconds: 0,
            used: Counters::default(),
            packets: Packets::default(),
            meter: Meter::default(),
            row,
        }
    }

    /// Takes in what was said of this session's counters, if they have changed.
    fn read(&mut self, seen: &Seen, news: Option<Width>) -> Reading {
        let reading =
            news.map_or(Reading::Unchanged, |width| self.meter.read(seen, self.last_seen_at, width));
        if let Reading::Grown(Growth { added, .. }) = reading {
            self.used = self.used.plus(added);
        }
        self.last_seen_at = self.last_seen_at.max(seen.at);
        reading
    }

    /// Takes in what else the row says.
    fn corrected(&mut self, look: &Observation, seen: &Seen, begins_otherwise: bool) {
        if let Some(start) = seen.started_at.filter(|_| begins_otherwise) {
            self.started_at = start;
        }
        if seen.age >= self.seconds {
            self.packets = look.packets.or(self.packets);
        }
        if seen.began() + JITTER >= self.started_at {
            self.seconds = self.seconds.max(seen.age);
        }
        self.class = look.class.clone().or_else(|| self.class.take());
        self.mac = look.mac().or_else(|| self.mac.take());
        self.address = look.address.or(self.address);
        self.nas_port_id = look.nas_port_id.clone().or_else(|| self.nas_port_id.take());
        self.stopped_at = seen.stopped_at;
        self.cause = look.cause.clone().filter(|cause| !cause.is_empty() && self.stopped_at.is_some());
    }

    /// Whether nothing has been heard of it for so long that it is taken for over.
    #[must_use]
    pub fn is_silent(&self, now: Timestamp) -> bool {
        self.stopped_at.is_none() && self.last_seen_at + SILENT_FOR < now
    }
}

#[cfg(test)]
mod tests;
