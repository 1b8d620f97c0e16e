//! The outside world for development and tests: RouterOS routers and payment gateways, each with its true wire
//! protocol.

pub mod payments;
pub mod routeros;
