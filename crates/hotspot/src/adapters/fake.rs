//! The fake router: it keeps its users and sessions in a journal beside our database, as a real router would,
//! and can be told to misbehave.
//!
//! Tests and the command line tell it so from wherever they run, another process included:
//!
//! ```ignore
//! let router = FakeRouters::open(directory)?.router("main");
//! router.change(|conditions| conditions.down = true)?;           // unreachable until changed back
//! router.change(|conditions| conditions.lost_answers = 1)?;      // does the next work, and times out
//! router.change(|conditions| conditions.refuse("#3", "no"))?;    // refuses unit 3 of every order
//! router.add_foreign_user("HS260117120000417", "Bob's phone")?;  // somebody else's user
//! router.open_session("HS260117120000417", "02:00:00:00:00:01", address)?;
//! router.pass_traffic("HS260117120000417", 1_000, 50_000)?;      // bytes up and down
//! router.restart()?;                                             // sessions are gone, ids begin anew
//! ```

mod gateway;
#[cfg(test)]
mod tests;
mod world;

use std::{collections::BTreeMap, fmt, io, net::IpAddr, path::Path, sync::Arc, time::Duration};

use fake_world::Journal;
use kernel::Ambient;

pub use world::{CallCount, Conditions, FakeRouterState, FakeSession, FakeUser};

use crate::{
    ports::{RouterGateway, RouterGateways, RouterHealth},
    router::{Router, RouterMode},
};
use world::{Entry, Happening, RouterWorld};

/// All fake routers of one journal. A router is known there by its name.
#[derive(Clone)]
pub struct FakeRouters {
    journal: Arc<Journal<RouterWorld>>,
    patience: Duration,
    clock: Option<Ambient>,
}

/// How long the portal waits for a fake router's answer unless it is told otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

impl FakeRouters {
    /// Opens the journal `router.jsonl` of a directory, making it when it is missing.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn open(directory: &Path) -> io::Result<Self> {
        let journal = Arc::new(Journal::open(directory, "router")?);
        Ok(Self { journal, patience: PATIENCE, clock: None })
    }

    /// The same, with a clock, so that sessions have an age.
    #[must_use]
    pub fn timed_by(mut self, ambient: Ambient) -> Self {
        self.clock = Some(ambient);
        self
    }

    /// The same, with another patience: how long the portal waits for an answer before it takes it for lost.
    #[must_use]
    pub fn patient_for(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The router of a name. It need not have been heard of before.
    #[must_use]
    pub fn router(&self, name: &str) -> FakeRouter {
        FakeRouter {
            journal: self.journal.clone(),
            patience: self.patience,
            clock: self.clock.clone(),
            name: name.to_owned(),
        }
    }

    /// Every router that was ever spoken to, by name, as it is now.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn show(&self) -> io::Result<BTreeMap<String, FakeRouterState>> {
        self.journal.look(|world| world.routers.clone())
    }
}

impl RouterGateways for FakeRouters {
    fn gateway(&self, router: &Router) -> Arc<dyn RouterGateway> {
        Arc::new(self.router(&router.name))
    }

    fn reaches(&self, mode: RouterMode) -> bool {
        mode == RouterMode::Fake
    }

    fn health(&self, _router: &Router) -> RouterHealth {
        RouterHealth::default()
    }
}

/// One fake router: a [`RouterGateway`] for the portal, and besides what an operator beside the router, a
/// customer or a test can do to it.
#[derive(Clone)]
pub struct FakeRouter {
    journal: Arc<Journal<RouterWorld>>,
    patience: Duration,
    clock: Option<Ambient>,
    name: String,
}

impl FakeRouter {
    /// The router as it is now.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn state(&self) -> io::Result<FakeRouterState> {
        self.journal.look(|world| world.router(&self.name).into_owned())
    }

    /// Makes it behave otherwise from now on.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn change(&self, change: impl FnOnce(&mut Conditions)) -> io::Result<()> {
        self.journal.act(|world| {
            let mut conditions = world.router(&self.name).conditions.clone();
            change(&mut conditions);
            (self.entries([Happening::ConditionsChanged(conditions)]), ())
        })
    }

    /// Adds a user that the portal knows nothing of, as an operator would by hand.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn add_foreign_user(&self, name: &str, comment: &str) -> io::Result<()> {
        let user = FakeUser { name: name.to_owned(), comment: comment.to_owned(), ..FakeUser::default() };
        self.happens(Happening::UserSet(user))
    }

    /// Signs a customer in, as the login page would. Whether the password is right is not asked.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn open_session(&self, username: &str, mac: &str, address: IpAddr) -> io::Result<()> {
        self.journal.act(|world| {
            let session = FakeSession {
                id: format!("*{}", world.router(&self.name).sessions_opened + 1),
                username: username.to_owned(),
                mac: mac.to_owned(),
                address,
                opened_at: self.clock.as_ref().map(Ambient::now),
                uploaded_bytes: 0,
                downloaded_bytes: 0,
                rate_limit: None,
            };
            (self.entries([Happening::SessionOpened(session)]), ())
        })
    }

    /// Signs a customer out, as the device's leaving would.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn close_sessions(&self, username: &str) -> io::Result<()> {
        self.journal.act(|world| {
            let router = world.router(&self.name);
            let of_user = router.sessions.iter().filter(|session| session.username == username);
            let closed: Vec<_> =
                of_user.map(|session| Happening::SessionClosed(session.id.clone())).collect();
            (self.entries(closed), ())
        })
    }

    /// Lets bytes pass through the open sessions of a user.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn pass_traffic(&self, username: &str, up: u64, down: u64) -> io::Result<()> {
        self.happens(Happening::TrafficPassed { username: username.to_owned(), up, down })
    }

    /// Sets the counters of the open sessions of a user back.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn reset_counters(&self, username: &str) -> io::Result<()> {
        self.happens(Happening::CountersReset { username: username.to_owned() })
    }

    /// Restarts it: its sessions are gone, and ids of sessions are given anew. Users and blocks stay.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn restart(&self) -> io::Result<()> {
        self.happens(Happening::Restarted)
    }

    /// Changes a user by hand, as an operator would; nothing happens if there is none of this name.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn tamper(&self, name: &str, change: impl FnOnce(&mut FakeUser)) -> io::Result<()> {
        self.journal.act(|world| {
            let user = world.router(&self.name).users.get(name).cloned();
            let changed = user.map(|mut user| {
                change(&mut user);
                Happening::UserSet(user)
            });
            (self.entries(changed), ())
        })
    }

    /// Removes a user by hand, as an operator would.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn remove_by_hand(&self, name: &str) -> io::Result<()> {
        self.happens(Happening::UserRemoved(name.to_owned()))
    }

    /// Lifts a block by hand, as an operator would.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn unblock_by_hand(&self, domain: &str) -> io::Result<()> {
        self.happens(Happening::DomainBlocked { domain: domain.to_owned(), blocked: false })
    }

    fn age_of(&self, session: &FakeSession) -> u64 {
        let age = self.clock.as_ref().zip(session.opened_at).map(|(clock, opened)| clock.now() - opened);
        age.and_then(|age| u64::try_from(age.num_seconds()).ok()).unwrap_or(0)
    }

    fn happens(&self, happening: Happening) -> io::Result<()> {
        self.journal.act(|_| (self.entries([happening]), ()))
    }

    fn entries(&self, happenings: impl IntoIterator<Item = Happening>) -> Vec<Entry> {
        happenings.into_iter().map(|happening| Entry { router: self.name.clone(), happening }).collect()
    }
}

impl fmt::Debug for FakeRouters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeRouters").finish_non_exhaustive()
    }
}

impl fmt::Debug for FakeRouter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeRouter").field("name", &self.name).finish_non_exhaustive()
    }
}
