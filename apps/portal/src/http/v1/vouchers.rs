//! Vouchers, for whoever holds one.

pub mod redeem;
