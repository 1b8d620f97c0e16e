//! What connections share: the world behind its lock, the account, the surroundings.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kernel::Ambient;
use routeros_api::Sentence;
use serde_json::Value;
use tokio::sync::watch;

use super::action::{Action, ActionError};
use super::login::Account;
use super::version::Version;
use super::world::{Outcome, Wire, World};
use crate::control::Controlled;

/// One simulated router, as its connections see it.
pub(super) struct Shared {
    world: Mutex<World>,
    pub(super) account: Account,
    pub(super) ambient: Ambient,
    pub(super) version: Version,
}

impl Shared {
    pub(super) fn new(world: World, account: Account, ambient: Ambient) -> Self {
        let version = world.router.version;
        Self { world: Mutex::new(world), account, ambient, version }
    }

    /// The world as it was when somebody looked at it last.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the world as it is now.
    pub(super) fn up_to_date<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        let now = self.ambient.now();
        let mut world = self.world();
        world.advance(now);
        look(&mut world)
    }

    pub(super) fn watch(&self) -> watch::Receiver<Wire> {
        self.world().watch()
    }

    pub(super) fn perform(&self, sentence: &Sentence, cuts: u64) -> Outcome {
        let now = self.ambient.now();
        self.world().perform(sentence, now, cuts)
    }

    /// Takes as long as a command takes at the moment.
    pub(super) async fn delay(&self) {
        let millis = self.world().conditions().delay_ms;
        if millis > 0 {
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
    }
}

impl Controlled for Shared {
    type Error = ActionError;

    async fn obey(&self, line: &str) -> Result<Value, ActionError> {
        let action = Action::parse(line)?;
        self.up_to_date(|world| world.apply(action))
    }
}
