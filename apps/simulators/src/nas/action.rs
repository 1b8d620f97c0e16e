//! What can be done to the simulated NAS and its world: by a test, a scenario file or an operator's shell.

use std::net::Ipv4Addr;

use serde::Deserialize;
use serde_json::{Value, json};

use super::dynamic::Obedience;
use super::network::{Fault, Weather};
use super::packet::Login;
use super::session::{Cause, Online, Session, Station};
use super::world::World;
use crate::meter::{Rates, Traffic};
use crate::routeros::factory;

/// How a password is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// By CHAP: HotSpot's default.
    #[default]
    Chap,
    /// By PAP.
    Pap,
}

/// One thing to do. As JSON an object whose `do` names it in kebab case: `{"do":"sign-out","user":"amina"}`.
#[derive(Clone, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// Has somebody sign in at the HotSpot's page: the server is asked.
    SignIn {
        /// The name.
        user: String,
        /// The password.
        password: String,
        /// How it is proved.
        #[serde(default)]
        method: Method,
        /// The device's address; by default the next free one.
        #[serde(default)]
        address: Option<Ipv4Addr>,
        /// The device's MAC address; by default one that belongs to the address.
        #[serde(default)]
        mac: Option<String>,
        /// What the device would send, in kilobits (1000 bits) per second.
        #[serde(default)]
        upload_kbps: u32,
        /// What the device would receive, in kilobits per second.
        #[serde(default)]
        download_kbps: u32,
    },
    /// Changes what a user's open sessions would send and receive, in kilobits per second each.
    Traffic {
        /// The user.
        user: String,
        /// From the device.
        upload_kbps: u32,
        /// To the device.
        download_kbps: u32,
    },
    /// Carries bytes at once, in each open session of a user.
    Transfer {
        /// The user.
        user: String,
        /// Only the session at this address.
        #[serde(default)]
        address: Option<Ipv4Addr>,
        /// From the device.
        upload_bytes: u64,
        /// To the device.
        download_bytes: u64,
    },
    /// Reports a user's open sessions now.
    Report {
        /// The user.
        user: String,
        /// Only the session at this address.
        #[serde(default)]
        address: Option<Ipv4Addr>,
    },
    /// Ends a user's open sessions.
    SignOut {
        /// The user.
        user: String,
        /// Only the session at this address.
        #[serde(default)]
        address: Option<Ipv4Addr>,
    },
    /// Switches the NAS off and on: sessions end, counters, session ids and identifiers begin anew.
    Reboot {
        /// It is shut down: each session's end and Accounting-Off are reported. Otherwise the power is cut.
        #[serde(default)]
        orderly: bool,
        /// It does not say Accounting-On when it is back.
        #[serde(default)]
        silent: bool,
    },
    /// Gives out session ids from the first one again, without a restart.
    ReuseSessionIds,
    /// Lets something happen to some packets.
    Fault(Fault),
    /// Lets chance happen to all packets.
    Weather(Weather),
    /// Sends what was held back.
    Release,
    /// Has it obey Disconnect- and CoA-Requests or not.
    Obedience(Obedience),
    /// Ends everything that is wrong.
    Heal,
    /// Changes nothing: sessions and what is wrong are told.
    State,
}

/// Why something could not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// The server refused the sign-in, with its `Reply-Message`.
    #[error("refused: {0}")]
    Refused(String),
    /// The server has not answered, or not so that it can be believed.
    #[error("no answer")]
    Unanswered,
    /// It cannot even be asked.
    #[error("{0}")]
    Impossible(String),
    /// Nobody of this name is online.
    #[error("{0} is not signed in")]
    NotSignedIn(String),
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

/// What came of an action, or what is still to come.
pub(super) enum Applied {
    Done(Value),
    /// The server is asked; the number names the attempt.
    Asked(u64),
}

impl World {
    /// Does what is asked.
    pub(super) fn apply(&mut self, action: Action) -> Result<Applied, ActionError> {
        match action {
            Action::SignIn { user, password, method, address, mac, upload_kbps, download_kbps } => {
                let address = address.or_else(|| self.free_address());
                let address =
                    address.ok_or_else(|| ActionError::Impossible("no address is free".to_owned()))?;
                if self.sessions.contains_key(&address) {
                    return Err(ActionError::Impossible(format!("{address} is signed in already")));
                }
                let mac = mac.unwrap_or_else(|| factory::mac_of(address)).to_ascii_uppercase();
                let station = Station { user, address, mac, port: self.take_port() };
                let login = Login { station, password, method };
                return Ok(Applied::Asked(self.ask_for(login, Rates { upload_kbps, download_kbps })));
            }
            Action::Traffic { user, upload_kbps, download_kbps } => {
                self.each_session(&user, None, |session| {
                    session.meter.demand = Rates { upload_kbps, download_kbps };
                    session.throttle();
                })?;
            }
            Action::Transfer { user, address, upload_bytes, download_bytes } => {
                let traffic = Traffic::of_bytes(upload_bytes, download_bytes);
                self.each_session(&user, address, |session| session.meter.transfer(traffic))?;
                self.settle_sessions();
            }
            Action::Report { user, address } => {
                let now = self.now;
                self.each_session(&user, address, |session| session.report_at = Some(now))?;
                self.settle_sessions();
            }
            Action::SignOut { user, address } => {
                let mut addresses = Vec::new();
                self.each_session(&user, address, |session| addresses.push(session.station.address))?;
                for address in addresses {
                    self.end_session(address, Cause::UserRequest);
                }
            }
            Action::Reboot { orderly, silent } => self.reboot(orderly, silent),
            Action::ReuseSessionIds => self.reuse_ports(),
            Action::Fault(fault) => self.network.faults.push(fault),
            Action::Weather(weather) => self.network.set_weather(weather),
            Action::Release => self.release(),
            Action::Obedience(obedience) => self.obedience = obedience,
            Action::Heal => self.heal(),
            Action::State => return Ok(Applied::Done(self.state())),
        }
        Ok(Applied::Done(Value::Null))
    }

    /// Does something to the open sessions of a user, or to the one of them at an address.
    fn each_session(
        &mut self,
        user: &str,
        address: Option<Ipv4Addr>,
        act: impl FnMut(&mut Session),
    ) -> Result<(), ActionError> {
        let sessions = self.sessions.values_mut().filter(|session| session.station.user == user);
        let here = |session: &&mut Session| address.is_none_or(|here| session.station.address == here);
        let mut sessions = sessions.filter(here).peekable();
        if sessions.peek().is_none() {
            return Err(ActionError::NotSignedIn(user.to_owned()));
        }
        sessions.for_each(act);
        Ok(())
    }

    fn state(&self) -> Value {
        let online: Vec<Online> = self.sessions.values().map(Online::from).collect();
        json!({
            "booted_at": self.booted.to_rfc3339(),
            "online": online,
            "faults": self.network.faults,
            "weather": self.network.weather(),
            "obedience": self.obedience,
            "heard": self.heard,
            "given_up": self.given_up,
            "steps_to_come": self.steps_to_come(),
        })
    }
}
