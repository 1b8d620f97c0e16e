//! Access by RADIUS: who may sign in with which limits, what they use, and what happens when it is used up.
//!
//! The promises: a login never gets in without its limits; one policy gives the same answer through FreeRADIUS's
//! tables, through the embedded server and through `explain`; what was used is never lost, never counted twice and
//! never negative, whatever a NAS repeats, reorders, loses or forgets.
//!
//! Read in this order:
//!
//! 1. what there is: [`access_profile`] (what is enforced), [`promotion`] (a group with a profile), [`subscriber`]
//!    (somebody whom RADIUS may let in), [`nas_client`]; [`profile_change`] (who decided what);
//! 2. what follows from it: [`attribute`] and [`policy`] (from a profile to RADIUS attributes), [`login`] (from a login to
//!    its answer), [`accounting`] (from what a NAS says to what is kept of it), [`auth_log`];
//! 3. what is needed: [`ports`];
//! 4. what can be done: [`use_cases`], [`queries`];
//! 5. what happens by itself: [`consumers`], [`jobs`];
//! 6. [`enforcement`]: how open sessions are made to follow, rung by rung;
//! 7. [`adapters`]: the RADIUS server within the portal, and NASes that are told what to do, real and fake;
//! 8. `testing`, a feature: the samples that tests share.
//!
//! A new limit is a field of [`access_profile::Limits`], its attributes in [`policy`], and a line in the table of
//! cases that every server must answer alike.

pub mod access_profile;
pub mod accounting;
pub mod adapters;
pub mod attribute;
pub mod auth_log;
pub mod consumers;
pub mod enforcement;
pub mod jobs;
pub mod login;
pub mod login_time;
pub mod meter;
pub mod nas_client;
pub mod observation;
pub mod policy;
pub mod ports;
pub mod profile_change;
pub mod promotion;
pub mod queries;
pub mod quota;
pub mod session;
pub mod subscriber;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod usage;
pub mod use_cases;

pub use access_profile::AccessProfile;
pub use promotion::Promotion;
pub use subscriber::Subscriber;
pub use use_cases::{Radius, RadiusPorts, Settings};
