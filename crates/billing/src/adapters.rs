//! Payment gateways: real and fake side by side.
//!
//! To add one: a module with a type that implements [`PaymentGateway`](crate::ports::PaymentGateway), the suite of
//! `testing` run over it, and a line in the portal's composition.

pub mod fake;
pub mod guarded;
mod literal;
pub mod pawapay;
pub mod serdipay;
#[cfg(test)]
mod stub_server;
