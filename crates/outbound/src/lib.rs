//! The way out: one HTTP client, and the circuit breaker of everything outside.
//!
//! 1. [`http`]: the client. It never repeats a request by itself, never follows a redirect, reads a bounded
//!    answer, and says of every failure whether the request may have been received.
//! 2. [`breaker`]: leaves alone for a while what fails again and again.

pub mod breaker;
pub mod http;

pub use http::{HttpClient, HttpClientUnavailable, HttpSettings, Reply, Request, SendError};
