//! Wi-Fi credentials: what a paid order owes becomes hotspot users, they get onto their routers, and they end.
//!
//! The promise: every unit of a paid order ends as exactly one hotspot user on its router, whatever crashes,
//! times out or runs twice. It rests on three things. A hotspot user is stored with its name, password and
//! marker before any router hears of it, so that a router call is a pure function of the row. The call
//! converges: it looks for the name before it adds it, and knows its own work by the marker. And each state is
//! left by compare-and-set, so that of two workers one writes the fact.
//!
//! Read in this order:
//!
//! 1. what there is: [`hotspot_user`] (the life of a set of credentials), [`credentials`] (how names and
//!    passwords are made), [`router`], [`session`] and [`device`] (who was online with what), [`block`],
//!    [`router_user`] (what others have made), [`desired_state`] (what a router should have and has not);
//! 2. what is needed: [`ports`] (the store, the reads, the routers);
//! 3. what can be done: [`use_cases`], [`queries`];
//! 4. what happens by itself: [`consumers`] (a paid order is prepared, a grace follows its payment), [`jobs`] (the
//!    router calls) and [`converge`], which both trust;
//! 5. [`adapters`]: the fake router;
//! 6. `testing`, a feature: what every store and every router must do.
//!
//! A new operation on routers is a method of [`ports::RouterGateway`], a line in its contract suite, and a job
//! that calls it.

pub mod adapters;
pub mod block;
pub mod consumers;
pub mod converge;
pub mod credentials;
pub mod desired_state;
pub mod device;
pub mod hotspot_user;
pub mod jobs;
pub mod ports;
pub mod queries;
pub mod router;
pub mod router_user;
pub mod session;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod use_cases;

pub use credentials::CredentialSettings;
pub use hotspot_user::{HotspotUser, HotspotUserStatus};
pub use router::{Router, RouterMode};
pub use use_cases::{Hotspot, HotspotPorts};
