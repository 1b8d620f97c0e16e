//! The authentication log: how each login was answered, whoever answered it. FreeRADIUS and the embedded server write it
//! into the table `radpostauth`; the password that was tried is never in it.

use std::net::IpAddr;

use kernel::Timestamp;

/// How a login was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthStatus {
    /// Let in.
    Accepted,
    /// Turned away.
    Rejected,
}

impl AuthStatus {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Accepted, Self::Rejected];

    /// The name of the packet that was sent, as FreeRADIUS writes it.
    #[must_use]
    pub const fn packet(self) -> &'static str {
        match self {
            Self::Accepted => "Access-Accept",
            Self::Rejected => "Access-Reject",
        }
    }

    /// The status as it is sent and filtered by.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }

    /// Reads the name of a packet. Whatever is no accept let nobody in.
    #[must_use]
    pub fn of_packet(packet: Option<&str>) -> Self {
        if packet == Some(Self::Accepted.packet()) { Self::Accepted } else { Self::Rejected }
    }
}

/// A login that has just been answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuthEntry {
    /// Who, folded.
    pub username: String,
    /// How it was answered.
    pub status: AuthStatus,
    /// Why it was turned away, in one word; empty for an accept.
    pub reason: String,
    /// The device.
    pub calling_station: Option<String>,
    /// What it signed in to.
    pub called_station: Option<String>,
    /// The NAS that asked.
    pub nas_address: IpAddr,
    /// The address that the device has or asked for.
    pub address: Option<IpAddr>,
    /// What the NAS was told to send back in accounting.
    pub class: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A line of the log. Its texts are as the server wrote them: what a NAS claims of itself and of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthEntry {
    /// Its place in the log, which only grows.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who, folded.
    pub username: String,
    /// How it was answered.
    pub status: AuthStatus,
    /// Why it was turned away, if the server said so.
    pub reason: Option<String>,
    /// The device.
    pub calling_station: Option<String>,
    /// What it signed in to.
    pub called_station: Option<String>,
    /// The NAS that asked.
    pub nas_address: Option<String>,
    /// The address that the device has or asked for.
    pub address: Option<String>,
}

/// Which lines are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthFilter {
    /// Answered so.
    pub status: Option<AuthStatus>,
    /// By somebody with these characters in the name, whatever their case.
    pub username: Option<String>,
    /// From this NAS, or for a device with this address.
    pub ip: Option<IpAddr>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

impl AuthFilter {
    /// Whether a line is wanted. The database says the same of stored lines.
    #[must_use]
    pub fn wants(&self, entry: &AuthEntry) -> bool {
        let same = |text: &Option<String>, ip: IpAddr| {
            text.as_deref().and_then(|text| text.parse().ok()).is_some_and(|there: IpAddr| there == ip)
        };
        let name = entry.username.to_lowercase();
        self.status.is_none_or(|status| status == entry.status)
            && self.username.as_ref().is_none_or(|part| name.contains(&part.to_lowercase()))
            && self.ip.is_none_or(|ip| same(&entry.nas_address, ip) || same(&entry.address, ip))
            && self.from.is_none_or(|from| entry.at >= from)
            && self.to.is_none_or(|to| entry.at < to)
    }
}

/// What goes on, as far as the tables tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rates {
    /// Logins in each of the last minutes, the latest last. Minutes without any are there too.
    pub minutes: Vec<MinuteOfLogins>,
    /// Sessions that are open.
    pub active_sessions: u64,
    /// What goes through now, in bytes per second, as the latest reports of open sessions have it.
    pub now: Throughput,
    /// What went through in the last hour, in bytes per second on average.
    pub last_hour: Throughput,
}

/// Logins in a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinuteOfLogins {
    /// When it began.
    pub at: Timestamp,
    /// How many were let in.
    pub accepted: u64,
    /// How many were turned away.
    pub rejected: u64,
}

/// Bytes per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Throughput {
    /// From devices.
    pub up: u64,
    /// To devices.
    pub down: u64,
}
