//! How busy the routers are, by what they last said.

pub mod interfaces;
