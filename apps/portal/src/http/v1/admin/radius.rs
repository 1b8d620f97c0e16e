//! RADIUS, for those who run it.

pub mod enforcement;
pub mod nas_clients;
