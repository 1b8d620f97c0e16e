//! Ending a session on a router that another than hotspot let in, such as a RADIUS server.

use std::net::IpAddr;

use kernel::{StoreError, id::ids::RouterId};

use super::Hotspot;
use crate::ports::{RouterError, RouterSession};

/// Why a device was not put out.
#[derive(Debug, thiserror::Error)]
pub enum PutOutError {
    /// There is no such router.
    #[error("no such router")]
    NoSuchRouter,
    /// The router did not do it.
    #[error(transparent)]
    Router(#[from] RouterError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whom to look for among a router's sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceOnline {
    /// Who signed in, in any case of letters.
    pub username: String,
    /// The device's address, if it is known.
    pub address: Option<IpAddr>,
    /// The device, as upper-case hexadecimal with colons, if it is known.
    pub mac: Option<String>,
}

impl DeviceOnline {
    fn is(&self, session: &RouterSession) -> bool {
        let known = self.address.is_some() || self.mac.is_some();
        let there = self.address.is_none_or(|address| session.address == address)
            && self.mac.as_deref().is_none_or(|mac| session.mac == mac);
        there && (known || session.username.eq_ignore_ascii_case(&self.username))
    }
}

impl Hotspot {
    /// Ends a device's session on a router, if it is there, and says whether it was. The router is called: for jobs.
    ///
    /// # Errors
    /// [`PutOutError`].
    pub async fn put_out(&self, router: RouterId, device: &DeviceOnline) -> Result<bool, PutOutError> {
        // RADIUS itself is asking: what stands for it could but ask it back.
        let view = self.reads.find_router_view(router).await?;
        let view =
            view.filter(|view| view.router.access.mode.is_router()).ok_or(PutOutError::NoSuchRouter)?;
        let gateway = self.routers.gateway(&view.router);
        let mut found = false;
        for session in gateway.list_active_sessions(None).await?.iter().filter(|session| device.is(session)) {
            found |= gateway.disconnect(&session.id).await?;
        }
        Ok(found)
    }
}
