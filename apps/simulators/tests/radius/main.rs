//! RADIUS on the wire: the simulated NAS and the sender of Disconnect- and CoA-Requests, each against FreeRADIUS and
//! its `radclient`, against each other, and against bytes that mean no good.
//!
//! Without FreeRADIUS 3 (Debian: freeradius, freeradius-utils) the tests that need it pass without having looked, and
//! say so.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod accounting;
mod freeradius;
mod hostile;
mod orders;
mod server;
mod sign_in;
