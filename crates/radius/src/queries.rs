//! What owners and staff see of profiles, promotions, subscribers, sessions and usage.

pub mod profiles;
pub mod promotions;
