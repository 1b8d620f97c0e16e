//! The outside world of radius: NASes that take orders, real and fake, and the RADIUS server within the portal.

pub mod dynamic_authorization;
pub mod embedded;
pub mod fake;
