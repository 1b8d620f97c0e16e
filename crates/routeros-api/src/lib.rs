//! The RouterOS API protocol: how words and sentences are written, and a client that speaks it.
