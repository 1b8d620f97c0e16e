//! The router calls. Each is a job that names a row; its effect converges, so that it may run twice.

mod provision_user;
mod remove_user;

use std::sync::Arc;

use kernel::{JobHandler, JobSpec, Queue, id::ids::HotspotUserId};
use serde::{Deserialize, Serialize};

use crate::use_cases::Hotspot;

pub use provision_user::{GIVE_UP_AFTER, ProvisionUserHandler};
pub use remove_user::RemoveUserHandler;

/// Every job handler of this domain.
#[must_use]
pub fn all(hotspot: &Arc<Hotspot>) -> Vec<Arc<dyn JobHandler>> {
    vec![Arc::new(ProvisionUserHandler(hotspot.clone())), Arc::new(RemoveUserHandler(hotspot.clone()))]
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

/// Takes a hotspot user that is over off its router, and ends its sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveUser {
    /// The hotspot user.
    pub hotspot_user_id: HotspotUserId,
}

impl JobSpec for RemoveUser {
    const KIND: &'static str = "hotspot.remove_user";
    const QUEUE: Queue = Queue::Default;
}
