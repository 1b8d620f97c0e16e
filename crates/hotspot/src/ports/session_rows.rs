//! Sessions and devices, and when each router's sessions were last taken in.

use std::net::IpAddr;

use async_trait::async_trait;
use kernel::{
    Page, PageRequest, StoreError, Timestamp,
    id::ids::{DeviceId, HotspotSessionId, HotspotUserId, RouterId, UserId},
};

use super::InterfaceLoad;
use crate::{
    device::Device,
    queries::sessions::{InterfaceView, SessionFilter, SessionView, Usage},
    router::Router,
    session::{LiveLimit, Session, SessionEnding},
};

/// Whose a name on a router is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameOwner {
    /// The name.
    pub username: String,
    /// The credentials, if these are ours.
    pub hotspot_user_id: Option<HotspotUserId>,
    /// The account: of the credentials, or that a name of others was adopted for.
    pub user_id: Option<UserId>,
}

/// Rows of sessions and devices within a transaction.
#[async_trait]
pub trait SessionRows: Send {
    /// Holds the sessions of a router against other transactions until this one ends, and notes that what the
    /// router listed at `asked_at` is being taken in; false if what it listed later has been taken in already.
    async fn take_session_turn(&mut self, router: RouterId, asked_at: Timestamp) -> Result<bool, StoreError>;

    /// The sessions of a router that are open or were closed after a moment.
    async fn known_sessions(
        &mut self,
        router: RouterId,
        closed_after: Timestamp,
    ) -> Result<Vec<Session>, StoreError>;

    /// One session, held against other transactions until this one ends.
    async fn lock_session(&mut self, id: HotspotSessionId) -> Result<Option<Session>, StoreError>;

    /// Writes sessions, new or known; of known ones everything but what staff want of them.
    async fn save_sessions(&mut self, sessions: &[Session]) -> Result<(), StoreError>;

    /// Closes those of these sessions that are open.
    async fn close_sessions(
        &mut self,
        ids: &[HotspotSessionId],
        at: Timestamp,
        ending: SessionEnding,
    ) -> Result<(), StoreError>;

    /// Notes that staff want an open session ended; false, and no change, if it is over.
    async fn ask_for_termination(&mut self, id: HotspotSessionId, at: Timestamp) -> Result<bool, StoreError>;

    /// Notes the live limit that staff want of an open session, or that the router took it; false, and no change,
    /// if the session is over.
    async fn note_limit(&mut self, id: HotspotSessionId, limit: LiveLimit) -> Result<bool, StoreError>;

    /// Whose these names on a router are, of those that are somebody's.
    async fn name_owners(&mut self, router: RouterId, names: &[&str]) -> Result<Vec<NameOwner>, StoreError>;

    /// Gives the sessions of a name on a router to an account.
    async fn give_sessions(
        &mut self,
        router: RouterId,
        username: &str,
        user: UserId,
    ) -> Result<(), StoreError>;

    /// Writes devices down; of one whose account and MAC are known, only that it was seen again.
    async fn note_devices(&mut self, devices: &[Device]) -> Result<(), StoreError>;

    /// The devices with these MACs, whosever they are.
    async fn devices_with(&mut self, macs: &[&str]) -> Result<Vec<Device>, StoreError>;

    /// One device, held against other transactions until this one ends.
    async fn lock_device(&mut self, id: DeviceId) -> Result<Option<Device>, StoreError>;

    /// Writes the name, the class and the switch of a device.
    async fn update_device(&mut self, device: &Device) -> Result<(), StoreError>;

    /// Forgets a device. Its sessions stay.
    async fn delete_device(&mut self, id: DeviceId) -> Result<(), StoreError>;

    /// Keeps what a router said of its interfaces.
    async fn keep_interfaces(
        &mut self,
        router: RouterId,
        interfaces: &[InterfaceLoad],
        at: Timestamp,
    ) -> Result<(), StoreError>;
}

/// Sessions and devices as they were last committed.
#[async_trait]
pub trait SessionReads: Send + Sync {
    /// Every router that was not put out of use for good: also those that take no new users look after those they
    /// have.
    async fn routers_to_sync(&self) -> Result<Vec<Router>, StoreError>;

    /// A session with its router, for the jobs.
    async fn session_and_router(&self, id: HotspotSessionId)
    -> Result<Option<(Session, Router)>, StoreError>;

    /// A page of the sessions that fit a filter, latest first.
    async fn list_sessions(
        &self,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<SessionView>, StoreError>;

    /// One session, as it is shown.
    async fn find_session(&self, id: HotspotSessionId) -> Result<Option<SessionView>, StoreError>;

    /// What went through all sessions of a hotspot user.
    async fn usage(&self, hotspot_user: HotspotUserId) -> Result<Usage, StoreError>;

    /// A page of an account's devices, the one seen last first.
    async fn list_devices(&self, owner: UserId, page: PageRequest) -> Result<Page<Device>, StoreError>;

    /// One device.
    async fn find_device(&self, id: DeviceId) -> Result<Option<Device>, StoreError>;

    /// The device with which an account has an open session at an address.
    async fn device_at(&self, owner: UserId, address: IpAddr) -> Result<Option<Device>, StoreError>;

    /// The open sessions of a device, each with its router.
    async fn open_sessions_of_device(&self, id: DeviceId) -> Result<Vec<(Session, Router)>, StoreError>;

    /// What each router last said of its interfaces.
    async fn interfaces(&self) -> Result<Vec<InterfaceView>, StoreError>;
}
