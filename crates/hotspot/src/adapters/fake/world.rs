//! What the journal of the fake routers holds, and what it adds up to.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::IpAddr,
};

use fake_world::World;
use kernel::{AccessPolicy, Timestamp};
use serde::{Deserialize, Serialize};

/// Every fake router by name.
#[derive(Debug, Default)]
pub(super) struct RouterWorld {
    pub(super) routers: BTreeMap<String, FakeRouterState>,
}

/// A fake router as it is now, to be looked at and asserted on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FakeRouterState {
    /// Its users by name.
    pub users: BTreeMap<String, FakeUser>,
    /// The open sessions, oldest first.
    pub sessions: Vec<FakeSession>,
    /// How many sessions were opened since it was last restarted: the next one's id follows from it.
    pub sessions_opened: u64,
    /// The blocked domains.
    pub blocked_domains: BTreeSet<String>,
    /// The blocked addresses.
    pub blocked_addresses: BTreeSet<IpAddr>,
    /// The devices with an IP binding that blocks them.
    pub blocked_devices: BTreeSet<String>,
    /// How it behaves.
    pub conditions: Conditions,
    /// How often each operation was asked for and done.
    pub calls: BTreeMap<String, CallCount>,
}

/// A user of a fake router. A debug print hides its password.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FakeUser {
    /// The name to sign in with.
    pub name: String,
    /// The password to sign in with, as readable as a router keeps it.
    pub password: String,
    /// The comment: a marker of ours, or anything.
    pub comment: String,
    /// What it may do.
    pub policy: AccessPolicy,
    /// Whether it is switched off.
    pub disabled: bool,
}

impl fmt::Debug for FakeUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeUser")
            .field("name", &self.name)
            .field("comment", &self.comment)
            .field("policy", &self.policy)
            .field("disabled", &self.disabled)
            .finish_non_exhaustive()
    }
}

/// An open session on a fake router.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FakeSession {
    /// The router's name for it.
    pub id: String,
    /// Who signed in.
    pub username: String,
    /// The device.
    pub mac: String,
    /// The device's address.
    pub address: IpAddr,
    /// When they did, by the clock of the fake; a fake without a clock knows no time.
    #[serde(default)]
    pub opened_at: Option<Timestamp>,
    /// Bytes from the device, since its counters were last set back.
    #[serde(default)]
    pub uploaded_bytes: u64,
    /// Bytes to the device, since its counters were last set back.
    #[serde(default)]
    pub downloaded_bytes: u64,
    /// Its live limit as upload and download in kilobits per second, once one is set.
    pub rate_limit: Option<(Option<u32>, Option<u32>)>,
}

/// How a fake router behaves.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Conditions {
    /// Nothing gets through.
    pub down: bool,
    /// There is no room for another user.
    pub full: bool,
    /// How long it thinks before it does anything, in milliseconds. Beyond the portal's patience its
    /// work is done and its answer lost.
    pub delay_millis: u64,
    /// How many of the next calls that change something are done and then not answered.
    pub lost_answers: u32,
    /// Words and texts: a user whose name or marker contains the word is refused with the text.
    pub refusals: BTreeMap<String, String>,
}

impl Conditions {
    /// Refuses every user whose name or marker contains this word.
    pub fn refuse(&mut self, word: &str, text: &str) {
        self.refusals.insert(word.to_owned(), text.to_owned());
    }

    /// The text with which this user is refused.
    pub(super) fn refusal_of(&self, name: &str, marker: &str) -> Option<&str> {
        let mut refusals = self.refusals.iter();
        refusals
            .find(|(word, _)| name.contains(word.as_str()) || marker.contains(word.as_str()))
            .map(|(_, text)| text.as_str())
    }
}

/// How often an operation was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CallCount {
    /// How often it was asked for, in vain or not.
    pub asked: u64,
    /// How often the router did it, its answers lost on the way included.
    pub done: u64,
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) router: String,
    pub(super) happening: Happening,
}

/// Something that happened to a fake router.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Happening {
    /// A user was added, or everything about it was set.
    UserSet(FakeUser),
    /// A user was removed, by its name.
    UserRemoved(String),
    /// Somebody signed in.
    SessionOpened(FakeSession),
    /// A session ended, by its id.
    SessionClosed(String),
    /// So many bytes went up and down through the open sessions of a user.
    TrafficPassed { username: String, up: u64, down: u64 },
    /// The counters of the open sessions of a user were set back.
    CountersReset { username: String },
    /// It was restarted: no session is left, and ids begin anew.
    Restarted,
    /// The open sessions of a user got a limit: upload and download.
    RateLimited { username: String, limit: (Option<u32>, Option<u32>) },
    /// A domain was blocked or unblocked.
    DomainBlocked { domain: String, blocked: bool },
    /// An address was blocked or unblocked.
    AddressBlocked { address: IpAddr, blocked: bool },
    /// A device was blocked or unblocked.
    DeviceBlocked { mac: String, blocked: bool },
    /// It behaves otherwise from now on.
    ConditionsChanged(Conditions),
    /// An answer went missing.
    AnswerLost,
    /// It was called.
    Called { operation: String, done: bool },
}

impl RouterWorld {
    /// A router as it is now; one that nobody has spoken to is empty and well.
    pub(super) fn router(&self, name: &str) -> Cow<'_, FakeRouterState> {
        self.routers.get(name).map_or_else(|| Cow::Owned(FakeRouterState::default()), Cow::Borrowed)
    }
}

impl World for RouterWorld {
    type Entry = Entry;

    fn apply(&mut self, entry: &Entry) {
        self.routers.entry(entry.router.clone()).or_default().apply(entry.happening.clone());
    }
}

impl FakeRouterState {
    fn sessions_of(&mut self, username: &str) -> impl Iterator<Item = &mut FakeSession> {
        self.sessions.iter_mut().filter(move |session| session.username == username)
    }

    fn apply(&mut self, happening: Happening) {
        match happening {
            Happening::UserSet(user) => {
                self.users.insert(user.name.clone(), user);
            }
            Happening::UserRemoved(name) => {
                self.users.remove(&name);
            }
            Happening::SessionOpened(session) => {
                self.sessions_opened += 1;
                self.sessions.push(session);
            }
            Happening::SessionClosed(id) => self.sessions.retain(|session| session.id != id),
            Happening::TrafficPassed { username, up, down } => {
                for session in self.sessions_of(&username) {
                    session.uploaded_bytes += up;
                    session.downloaded_bytes += down;
                }
            }
            Happening::CountersReset { username } => {
                for session in self.sessions_of(&username) {
                    (session.uploaded_bytes, session.downloaded_bytes) = (0, 0);
                }
            }
            Happening::Restarted => {
                self.sessions.clear();
                self.sessions_opened = 0;
            }
            Happening::RateLimited { username, limit } => {
                for session in self.sessions_of(&username) {
                    session.rate_limit = Some(limit);
                }
            }
            Happening::DomainBlocked { domain, blocked } => set(&mut self.blocked_domains, domain, blocked),
            Happening::AddressBlocked { address, blocked } => {
                set(&mut self.blocked_addresses, address, blocked);
            }
            Happening::DeviceBlocked { mac, blocked } => set(&mut self.blocked_devices, mac, blocked),
            Happening::ConditionsChanged(conditions) => self.conditions = conditions,
            Happening::AnswerLost => {
                self.conditions.lost_answers = self.conditions.lost_answers.saturating_sub(1);
            }
            Happening::Called { operation, done } => {
                let count = self.calls.entry(operation).or_default();
                count.asked += 1;
                count.done += u64::from(done);
            }
        }
    }
}

fn set<T: Ord>(members: &mut BTreeSet<T>, member: T, present: bool) {
    if present {
        members.insert(member);
    } else {
        members.remove(&member);
    }
}
