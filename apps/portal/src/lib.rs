//! The outer crate: it alone knows HTTP, the command line and the environment, and it joins the domains with the
//! database and the outside world.
//!
//! 1. [`config`]: what the service can be told.

pub mod config;
