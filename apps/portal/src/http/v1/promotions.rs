//! Promotions: which there are to choose from, and their access.

pub mod activate;
pub mod list;
