//! The channels, real and fake side by side.

pub mod fake;
pub mod smtp;
