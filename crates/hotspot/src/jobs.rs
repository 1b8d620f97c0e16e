//! The router calls. Each is a job that names a row; its effect converges, so that it may run twice.

mod converge_user;
mod provision_user;
mod session_orders;
mod sync_blocks;
mod sync_sessions;
mod sync_users;

use std::sync::Arc;

use kernel::{
    JobHandler, JobSpec, Queue,
    id::ids::{HotspotUserId, RouterId},
};
use serde::{Deserialize, Serialize};

use crate::use_cases::Hotspot;

pub use converge_user::ConvergeUserHandler;
pub use provision_user::{GIVE_UP_AFTER, ProvisionUserHandler};
pub use session_orders::{
    EndDeviceSessions, EndDeviceSessionsHandler, EndSession, EndSessionHandler, LimitSession,
    LimitSessionHandler,
};
pub use sync_blocks::{SyncBlocks, SyncBlocksHandler};
pub use sync_sessions::{SyncSessions, SyncSessionsHandler};
pub use sync_users::{RemoveStray, RemoveStrayHandler, SyncUsers, SyncUsersHandler};

/// Every job handler of this domain.
#[must_use]
pub fn all(hotspot: &Arc<Hotspot>) -> Vec<Arc<dyn JobHandler>> {
    vec![
        Arc::new(ProvisionUserHandler(hotspot.clone())),
        Arc::new(ConvergeUserHandler(hotspot.clone())),
        Arc::new(SyncSessionsHandler(hotspot.clone())),
        Arc::new(SyncUsersHandler(hotspot.clone())),
        Arc::new(SyncBlocksHandler(hotspot.clone())),
        Arc::new(RemoveStrayHandler(hotspot.clone())),
        Arc::new(EndSessionHandler(hotspot.clone())),
        Arc::new(LimitSessionHandler(hotspot.clone())),
        Arc::new(EndDeviceSessionsHandler(hotspot.clone())),
    ]
}

/// Brings a pending hotspot user onto its router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionUser {
    /// The hotspot user.
    pub hotspot_user_id: HotspotUserId,
}

impl JobSpec for ProvisionUser {
    const KIND: &'static str = "hotspot.provision_user";
    const QUEUE: Queue = Queue::High;
}

/// Makes a router agree with what is written of a hotspot user: it knows it, knows it switched off, or does not
/// know it. One kind of job for whatever was done to the user, so that it does not matter in which order several
/// of them run, or how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvergeUser {
    /// The hotspot user.
    pub hotspot_user_id: HotspotUserId,
    /// The router: the user's, or one that it has left.
    pub router_id: RouterId,
}

impl JobSpec for ConvergeUser {
    const KIND: &'static str = "hotspot.converge_user";
    const QUEUE: Queue = Queue::Default;
}
