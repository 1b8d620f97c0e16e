//! A RouterOS router on the wire.
