//! The payment gateways as a client sees them, on real sockets: what they take, what they say, and what they do to
//! whoever trusts them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "payments/pawapay.rs"]
mod pawapay;
#[path = "payments/process.rs"]
mod process;
#[path = "payments/serdipay.rs"]
mod serdipay;
#[path = "payments/stage.rs"]
mod stage;
