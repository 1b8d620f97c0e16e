//! The outside world: for now the fake router.

pub mod fake;
