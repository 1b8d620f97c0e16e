//! What stands behind the ports: NASes that take orders, real and fake.

pub mod dynamic_authorization;
pub mod fake;
