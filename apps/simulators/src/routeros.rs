//! A RouterOS router with a HotSpot, on the RouterOS API: true on the wire, with state, and able to misbehave.
//!
//! What is simulated is what selling Wi-Fi asks of a router: users, profiles, sessions with moving counters and
//! limits, queues, walled garden, address lists, interfaces. Sources: the MikroTik manual, and the texts and bytes
//! that public clients attest; what is not verified on a router says so where it stands.
//!
//! Read in this order:
//!
//! 1. the router: `version`, `notation` of values, `menu`s and their `table`s, `session`s with their meters, the `router` with what
//!    it comes with from the `factory`, and the `view` that prints show;
//! 2. what is asked of it: `command`, its `execution`, and the `trap` that refuses it;
//! 3. the world around it: [`conditions`], [`action`]s, [scenario](crate::scenario)s, the `world` that holds them all;
//! 4. the wire: `login`, `connection` and its `writer`, `server`, `tls`, and the `control` port;
//! 5. [`simulator`], how a test starts one, and `command_line`, how a shell does.
//!
//! Time and chance are injected. Counters and limits are worked out when somebody looks, so that a test that holds
//! the clock need not wait.

pub mod action;
mod command;
mod command_line;
pub mod conditions;
mod connection;
mod execution;
pub(crate) mod factory;
mod login;
mod menu;
pub(crate) mod notation;
mod router;
mod server;
mod session;
mod shared;
pub mod simulator;
mod table;
mod tls;
mod trap;
mod version;
mod view;
mod world;
mod writer;

pub use action::{Action, ActionError};
pub use command_line::{Args, run};
pub use conditions::{Conditions, Effect, Fault};
pub use simulator::{Options, RouterSimulator};
pub use tls::Certificate;
pub use version::Version;
