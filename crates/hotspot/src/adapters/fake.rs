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
//! ```

mod gateway;
#[cfg(test)]
mod tests;
mod world;

use std::{collections::BTreeMap, io, net::IpAddr, path::Path, sync::Arc, time::Duration};

use fake_world::Journal;

pub use world::{CallCount, Conditions, FakeRouterState, FakeSession, FakeUser};

use crate::{
    ports::{RouterGateway, RouterGateways, RouterHealth},
    router::Router,
};
use world::{Entry, Happening, RouterWorld};

/// All fake routers of one journal. A router is known there by its name.
#[derive(Debug, Clone)]
pub struct FakeRouters {
    journal: Arc<Journal<RouterWorld>>,
    patience: Duration,
}

/// How long the portal waits for a fake router's answer unless it is told otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

impl FakeRouters {
    /// Opens the journal `router.jsonl` of a directory, making it when it is missing.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn open(directory: &Path) -> io::Result<Self> {
        Ok(Self { journal: Arc::new(Journal::open(directory, "router")?), patience: PATIENCE })
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
        FakeRouter { journal: self.journal.clone(), patience: self.patience, name: name.to_owned() }
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

    fn health(&self, _router: &Router) -> RouterHealth {
        RouterHealth::default()
    }
}

/// One fake router: a [`RouterGateway`] for the portal, and besides what an operator beside the router, a
/// customer or a test can do to it.
#[derive(Debug, Clone)]
pub struct FakeRouter {
    journal: Arc<Journal<RouterWorld>>,
    patience: Duration,
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
                rate_limit: None,
            };
            (self.entries([Happening::SessionOpened(session)]), ())
        })
    }

    fn happens(&self, happening: Happening) -> io::Result<()> {
        self.journal.act(|_| (self.entries([happening]), ()))
    }

    fn entries(&self, happenings: impl IntoIterator<Item = Happening>) -> Vec<Entry> {
        happenings.into_iter().map(|happening| Entry { router: self.name.clone(), happening }).collect()
    }
}
