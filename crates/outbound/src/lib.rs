//! The way out: one HTTP client, and the circuit breaker of everything outside.

pub mod breaker;
