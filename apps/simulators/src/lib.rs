//! The outside world for development and tests: RouterOS routers, payment gateways and RADIUS clients, each with its
//! true wire protocol.

mod control;
pub mod freeradius;
mod meter;
pub mod nas;
pub mod payments;
pub mod routeros;
pub mod scenario;
