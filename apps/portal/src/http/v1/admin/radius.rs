//! RADIUS, for those who run it.

pub mod auth_log;
pub mod enforcement;
pub mod explain;
pub mod nas_clients;
pub mod rates;
pub mod reload;
pub mod servers;
pub mod sessions;
