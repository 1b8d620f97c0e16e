//! The outer crate: it alone knows HTTP, the command line and the environment, and it joins the domains with the
//! database and the outside world.
//!
//! 1. [`config`]: what the service can be told.
//! 2. [`telemetry`]: what it says about its work.
//! 3. [`compose`]: the domains, the database and the outside world, joined.
//! 4. [`http`]: what it answers.
//! 5. [`worker`]: what it does by itself.
//! 6. [`startup`]: what has to be there before it starts.
//! 7. [`serve`]: how it runs and stops.
//! 8. [`cli`]: how people tell it what to do.

pub mod cli;
pub mod compose;
pub mod config;
pub mod http;
pub mod serve;
pub mod startup;
pub mod telemetry;
pub mod worker;
