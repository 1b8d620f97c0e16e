//! What stands behind the ports: routers by the RouterOS API, and fake ones.

pub mod fake;
pub mod mikrotik;
