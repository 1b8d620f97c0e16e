//! What hotspot can be asked to do. [`Hotspot`] holds everything that it takes; each use case is a method in a
//! file of its own.

mod change_device;
mod change_user;
mod check_routers;
mod command_session;
mod compare_router;
mod decide_router_user;
mod ensure_default_router;
mod expire_users;
mod extend_user;
mod manage_blocks;
mod manage_routers;
mod move_user;
mod note_first_uses;
mod payment_grace;
mod prepare_order;
mod provision_order;
mod put_out;
mod take_in_sessions;
mod withdraw_units;

use std::{fmt, sync::Arc};

use kernel::{Ambient, Sealer};

use crate::{
    credentials::CredentialSettings,
    ports::{HotspotReads, HotspotStore, RouterGateways},
};

pub use change_device::{ChangeDevice, ChangeDeviceError};
pub use change_user::{ChangeUser, ChangeUserError};
pub use check_routers::{RouterTest, RoutersChecked};
pub use command_session::CommandSessionError;
pub use compare_router::{CompareRouterError, RouterComparison};
pub use decide_router_user::{DecideRouterUserError, RouterUserDecision};
pub use ensure_default_router::{DefaultRouter, EnsureDefaultRouterError};
pub use expire_users::Expired;
pub use extend_user::{ExtendUser, ExtendUserError, Extension};
pub use manage_blocks::{AddBlock, AddBlockError, LiftBlockError};
pub use manage_routers::{ManageRouterError, RouterDescription};
pub use move_user::{MoveUser, MoveUserError};
pub use prepare_order::PrepareOrderError;
pub use provision_order::{ProvisionOrder, ProvisionOrderError, Provisioning};
pub use put_out::{DeviceOnline, PutOutError};

/// What stands behind hotspot's ports.
#[derive(Clone)]
pub struct HotspotPorts {
    /// Its transactions.
    pub store: Arc<dyn HotspotStore>,
    /// Its lists and details.
    pub reads: Arc<dyn HotspotReads>,
    /// Its routers.
    pub routers: Arc<dyn RouterGateways>,
}

/// The hotspot domain.
pub struct Hotspot {
    pub(crate) store: Arc<dyn HotspotStore>,
    pub(crate) reads: Arc<dyn HotspotReads>,
    pub(crate) routers: Arc<dyn RouterGateways>,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) ambient: Ambient,
    pub(crate) credentials: CredentialSettings,
}

impl Hotspot {
    /// Joins hotspot with what it needs.
    #[must_use]
    pub fn new(
        ports: HotspotPorts,
        sealer: Arc<Sealer>,
        ambient: Ambient,
        credentials: CredentialSettings,
    ) -> Self {
        Self { store: ports.store, reads: ports.reads, routers: ports.routers, sealer, ambient, credentials }
    }
}

impl fmt::Debug for Hotspot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hotspot").finish_non_exhaustive()
    }
}
