//! The last rung but a person: the router itself, by its own API.

use std::net::IpAddr;

use async_trait::async_trait;
use kernel::id::ids::RouterId;

/// Ends sessions on routers that the portal reaches by their API.
#[async_trait]
pub trait RouterKick: Send + Sync {
    /// Looks for the device's session on a router, and ends it if it is there.
    async fn kick(&self, router: RouterId, device: &KickedDevice) -> Kicked;
}

/// Whom a router is to put out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KickedDevice {
    /// Who signed in, in any case of letters.
    pub username: String,
    /// The device's address, if it is known.
    pub address: Option<IpAddr>,
    /// The device, as upper-case hexadecimal with colons, if it is known.
    pub mac: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kicked {
    /// The router has no such session now.
    Gone,
    /// It could not be reached or refused, for this reason.
    Failed(String),
}
