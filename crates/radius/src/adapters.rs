//! The outside world of radius: the RADIUS server within the portal.

pub mod embedded;
