//! The outer crate: it alone knows HTTP, the command line and the environment, and it joins the domains with the
//! database and the outside world.
//!
//! 1. [`config`]: what the service can be told.
//! 2. [`telemetry`]: what it says about its work.
//! 3. [`http`]: what it answers.

pub mod config;
pub mod http;
pub mod telemetry;
