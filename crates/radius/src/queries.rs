//! What owners and staff see of profiles, promotions, subscribers, sessions and usage.

mod auth_log;
mod nas_clients;
pub mod profiles;
pub mod promotions;
pub mod usage;
