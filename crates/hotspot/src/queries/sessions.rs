//! What owners and staff see of sessions, devices and interfaces.

use kernel::{
    Page, PageRequest, StoreError, Timestamp,
    id::ids::{DeviceId, HotspotSessionId, HotspotUserId, RouterId, UserId},
};

use crate::{device::Device, ports::InterfaceLoad, session::Session, use_cases::Hotspot};

/// Which sessions are wanted. Everything that is given must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionFilter {
    /// Whose they are.
    pub owner: Option<UserId>,
    /// With which credentials.
    pub hotspot_user_id: Option<HotspotUserId>,
    /// On which router.
    pub router_id: Option<RouterId>,
    /// With which device.
    pub device_id: Option<DeviceId>,
    /// Those that are open, or those that are over.
    pub open: Option<bool>,
    /// A part of the username, in capitals or not.
    pub username: Option<String>,
    /// Not begun before this.
    pub from: Option<Timestamp>,
    /// Begun before this.
    pub to: Option<Timestamp>,
}

/// A session as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// The session.
    pub session: Session,
    /// The name of its router.
    pub router_name: String,
}

/// What went through all sessions of a hotspot user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// How many sessions there were.
    pub sessions: u64,
    /// How long they were open together, in seconds.
    pub seconds: u64,
    /// Bytes from the customer's devices.
    pub uploaded_bytes: u64,
    /// Bytes to the customer's devices.
    pub downloaded_bytes: u64,
}

/// Every interface, and when this was put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interfaces {
    /// The interfaces, by the names of their routers.
    pub interfaces: Vec<InterfaceView>,
    /// When this was put together.
    pub at: Timestamp,
}

impl Usage {
    /// Bytes in both directions.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.uploaded_bytes.saturating_add(self.downloaded_bytes)
    }
}

/// An interface as its router last told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceView {
    /// The router.
    pub router_id: RouterId,
    /// The router's name.
    pub router_name: String,
    /// What it said.
    pub load: InterfaceLoad,
    /// When it said so.
    pub seen_at: Timestamp,
}

impl Hotspot {
    /// A page of everybody's sessions, latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_sessions(
        &self,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<SessionView>, StoreError> {
        self.reads.list_sessions(filter, page).await
    }

    /// A page of one owner's sessions, latest first; the filter's own owner does not count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_own_sessions(
        &self,
        owner: UserId,
        filter: SessionFilter,
        page: PageRequest,
    ) -> Result<Page<SessionView>, StoreError> {
        let filter = SessionFilter { owner: Some(owner), ..filter };
        self.reads.list_sessions(&filter, page).await
    }

    /// One session, whosever it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_session(&self, id: HotspotSessionId) -> Result<Option<SessionView>, StoreError> {
        self.reads.find_session(id).await
    }

    /// What went through all sessions of a hotspot user.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn usage(&self, hotspot_user: HotspotUserId) -> Result<Usage, StoreError> {
        self.reads.usage(hotspot_user).await
    }

    /// A page of an account's devices, the one seen last first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_own_devices(
        &self,
        owner: UserId,
        page: PageRequest,
    ) -> Result<Page<Device>, StoreError> {
        self.reads.list_devices(owner, page).await
    }

    /// One of an account's devices.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_own_device(&self, owner: UserId, id: DeviceId) -> Result<Option<Device>, StoreError> {
        let device = self.reads.find_device(id).await?;
        Ok(device.filter(|device| device.user_id == owner))
    }

    /// What each router last said of its interfaces, by the router's name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn interfaces(&self) -> Result<Interfaces, StoreError> {
        Ok(Interfaces { interfaces: self.reads.interfaces().await?, at: self.ambient.now() })
    }
}
