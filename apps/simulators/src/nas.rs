//! A RADIUS client as MikroTik's HotSpot is one: it asks for people who sign in, reports what they use, obeys what it
//! was told and what it is told later, and is able to misbehave.
//!
//! Sources: the RFCs that stand beside the rules, the MikroTik manual, and what public captures and threads attest;
//! what is not verified on a router says so where it stands.
//!
//! Read in this order:
//!
//! 1. the NAS: its [`identity`], `session`s, the `packet`s that it makes and reads;
//! 2. what it waits for: the `exchange`s, and the [`network`] between it and the server;
//! 3. what it is told from outside: `dynamic` authorization (RFC 5176), [`action`]s;
//! 4. the `world` that holds them all, and how a test starts one: [`simulator`]; a shell: `command_line`.
//!
//! Time and chance are injected. What happens between two looks happens at its own moment, in its order, so that a
//! test that holds the clock need not wait.

pub mod action;
mod command_line;
mod dynamic;
mod exchange;
pub mod identity;
pub mod network;
mod packet;
mod session;
pub mod simulator;
mod world;

pub use action::{Action, ActionError, Method};
pub use command_line::{Args, run};
pub use dynamic::Obedience;
pub use identity::Identity;
pub use network::{Effect, Fault, Packets, Weather};
pub use session::{Account, Online, Told};
pub use simulator::{NasSimulator, Options};
