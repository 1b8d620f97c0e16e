//! A payment gateway on the wire.
