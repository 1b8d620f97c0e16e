//! What can be done to the simulated router from outside its API: by a test, a scenario file or an operator's shell.

use std::net::Ipv4Addr;

use routeros_api::Sentence;
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::info;

use super::conditions::{Conditions, Fault};
use super::execution::Answer;
use super::menu::Menu;
use super::router::{Router, SignIn};
use super::table::Table;
use super::view::View;
use super::world::World;
use crate::meter::{Rates, Traffic};

/// One thing to do. As JSON an object whose `do` names it in kebab case: `{"do":"sign-out","user":"amina"}`.
#[derive(Clone, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// Runs an API command, given by its words, as the router's operator would at the console.
    Command {
        /// `/ip/hotspot/user/add`, `=name=amina`, …
        words: Vec<String>,
    },
    /// Signs somebody in at the HotSpot's page. Password, `disabled`, MAC binding, `shared-users` and limits count.
    SignIn {
        /// The HotSpot user.
        user: String,
        /// Its password.
        password: String,
        /// The device's address; by default the next free one.
        #[serde(default)]
        address: Option<Ipv4Addr>,
        /// The device's MAC address; by default one that belongs to the address.
        #[serde(default)]
        mac: Option<String>,
        /// The HotSpot server; by default `hotspot1`.
        #[serde(default)]
        server: Option<String>,
        /// What the device would send, in kilobits (1000 bits) per second.
        #[serde(default)]
        upload_kbps: u32,
        /// What the device would receive, in kilobits per second.
        #[serde(default)]
        download_kbps: u32,
    },
    /// Changes what a user's open sessions would send and receive, in kilobits per second each.
    Traffic {
        /// The HotSpot user.
        user: String,
        /// From the device.
        upload_kbps: u32,
        /// To the device.
        download_kbps: u32,
    },
    /// Carries bytes at once, in each open session of a user.
    Transfer {
        /// The HotSpot user.
        user: String,
        /// From the device.
        upload_bytes: u64,
        /// To the device.
        download_bytes: u64,
    },
    /// Ends a user's open sessions.
    SignOut {
        /// The HotSpot user.
        user: String,
    },
    /// Switches the router off and on: connections are cut, sessions end, counters start again.
    Reboot,
    /// Refuses connections and cuts those that there are.
    Down,
    /// Accepts connections again.
    Up,
    /// Cuts all connections once.
    Cut,
    /// Accepts connections and answers nothing (`on`), or answers again.
    Mute {
        /// Whether it is mute.
        on: bool,
    },
    /// Takes so long for every command.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// Has room for so many HotSpot users; without a number, for any.
    Room {
        /// How many, the router's own trial user included.
        #[serde(default)]
        users: Option<usize>,
    },
    /// Lets something happen to some commands.
    Fault(Fault),
    /// Ends everything that is wrong.
    Heal,
    /// Changes nothing: users, sessions, conditions are told.
    State,
}

/// Why something could not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// HotSpot's page refused the sign-in, in its own words.
    #[error("{0}")]
    SignInRefused(String),
    /// Nobody of this name is online.
    #[error("{0} is not signed in")]
    NotSignedIn(String),
    /// The command was refused, with RouterOS's text.
    #[error("{0}")]
    CommandRefused(String),
    /// What was sent is no action.
    #[error("not understood: {0}")]
    NotUnderstood(String),
}

impl Action {
    /// Reads an action from JSON.
    ///
    /// # Errors
    /// [`ActionError::NotUnderstood`], with what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ActionError> {
        serde_json::from_str(text).map_err(|error| ActionError::NotUnderstood(error.to_string()))
    }
}

impl World {
    /// Does what is asked, and tells what came of it.
    pub(super) fn apply(&mut self, action: Action) -> Result<Value, ActionError> {
        match action {
            Action::Command { words } => return self.run_words(&words),
            Action::SignIn { user, password, address, mac, server, upload_kbps, download_kbps } => {
                let demand = Rates { upload_kbps, download_kbps };
                let sign_in = SignIn { user, password, address, mac, server, demand };
                let address = self.router.sign_in(sign_in).map_err(ActionError::SignInRefused)?;
                return Ok(json!({ "address": address.to_string() }));
            }
            Action::Traffic { user, upload_kbps, download_kbps } => {
                let demand = Rates { upload_kbps, download_kbps };
                self.sessions_of(&user, |session| session.meter.demand = demand)?;
                self.router.grant();
            }
            Action::Transfer { user, upload_bytes, download_bytes } => {
                let traffic = Traffic::of_bytes(upload_bytes, download_bytes);
                self.sessions_of(&user, |session| session.meter.transfer(traffic))?;
                let now = self.router.now;
                self.router.advance(now);
            }
            Action::SignOut { user } => {
                let mut addresses = Vec::new();
                self.sessions_of(&user, |session| addresses.push(session.address))?;
                for address in addresses {
                    self.router.end_session(address, "signed out");
                }
            }
            Action::Reboot => {
                self.router.reboot();
                self.cut();
            }
            Action::Cut => self.cut(),
            Action::State => return Ok(self.state()),
            other => self.change(|conditions| other.change(conditions)),
        }
        Ok(Value::Null)
    }

    fn sessions_of(
        &mut self,
        user: &str,
        act: impl FnMut(&mut super::session::Session),
    ) -> Result<(), ActionError> {
        let mut sessions =
            self.router.sessions.values_mut().filter(|session| session.user == user).peekable();
        if sessions.peek().is_none() {
            return Err(ActionError::NotSignedIn(user.to_owned()));
        }
        sessions.for_each(act);
        Ok(())
    }

    /// Runs a command without a connection; the answer is its sentences, each a list of words.
    fn run_words(&mut self, words: &[String]) -> Result<Value, ActionError> {
        let sentence = words.iter().fold(Sentence::new(), Sentence::word);
        let refused = |text: String| ActionError::CommandRefused(text);
        match self.router.execute(&sentence) {
            Ok(Answer::Said(said)) => {
                let words = |sentence: &Sentence| {
                    let words = sentence.words().map(|word| String::from_utf8_lossy(word).into_owned());
                    Value::from(words.collect::<Vec<String>>())
                };
                Ok(said.iter().map(words).collect())
            }
            Ok(Answer::Watching(_)) => Err(refused("this command does not end".to_owned())),
            Ok(Answer::Reboot) => self.apply(Action::Reboot),
            Err(trap) => Err(refused(trap.message(self.router.version))),
        }
    }

    fn state(&self) -> Value {
        let Router { version, booted, sessions, .. } = &self.router;
        let view = View::new(&self.router);
        let online = view.ids(Menu::Active).into_iter().map(|id| {
            let field = |name| view.field(Menu::Active, id, name);
            let text = |name| field(name).map(|value| String::from_utf8_lossy(&value).into_owned());
            json!({
                "user": text("user"), "address": text("address"), "mac-address": text("mac-address"),
                "uptime": text("uptime"), "bytes-in": text("bytes-in"), "bytes-out": text("bytes-out"),
            })
        });
        json!({
            "version": version.to_string(),
            "booted_at": booted.to_rfc3339(),
            "users": self.router.table(Menu::Users).map_or(0, Table::len),
            "sessions": sessions.len(),
            "online": online.collect::<Vec<_>>(),
            "conditions": self.conditions(),
            "steps_to_come": self.steps_to_come(),
        })
    }
}

impl Action {
    /// What an action means for the conditions; those that mean something else are dealt with before.
    fn change(self, conditions: &mut Conditions) {
        match self {
            Self::Down => conditions.down = true,
            Self::Up => conditions.down = false,
            Self::Mute { on } => conditions.mute = on,
            Self::Delay { ms } => conditions.delay_ms = ms,
            Self::Room { users } => conditions.room = users,
            Self::Fault(fault) => conditions.faults.push(fault),
            Self::Heal => *conditions = Conditions::default(),
            Self::Command { .. }
            | Self::SignIn { .. }
            | Self::Traffic { .. }
            | Self::Transfer { .. }
            | Self::SignOut { .. }
            | Self::Reboot
            | Self::Cut
            | Self::State => info!("no condition"),
        }
    }
}
