//! An open HotSpot session: who is online, from where, and the meter that runs.

use std::net::Ipv4Addr;

use super::table::ItemId;
use crate::meter::Meter;

/// Somebody online. The bytes of its limits are what its user had left when it began.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) user: String,
    pub(super) user_id: ItemId,
    pub(super) address: Ipv4Addr,
    pub(super) mac: String,
    pub(super) server: String,
    pub(super) login_by: &'static str,
    pub(super) meter: Meter,
}
