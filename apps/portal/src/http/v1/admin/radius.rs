//! RADIUS, for those who run it.

pub mod nas_clients;
