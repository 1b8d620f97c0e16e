//! Whoever has bought without an account, for those who look after people.

pub mod forget;
