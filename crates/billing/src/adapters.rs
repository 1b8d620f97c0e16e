//! Payment gateways: real and fake side by side.

pub mod fake;
pub mod serdipay_callback;
