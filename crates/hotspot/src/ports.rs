//! What hotspot needs from others: its rows ([`HotspotStore`], [`HotspotReads`], and the traits that these two
//! gather) and its routers ([`RouterGateways`], [`RouterGateway`]).

mod block_rows;
mod forgetting_rows;
mod grace_rows;
mod router_gateway;
mod router_user_rows;
mod session_rows;

use async_trait::async_trait;
use kernel::{
    Page, PageRequest, StoreError, Timestamp, UnitOfWork,
    events::billing::PaymentSucceeded,
    id::ids::{HotspotUserId, OrderId, RouterId, SiteId, UnitId},
};

pub use block_rows::{BlockReads, BlockRows};
pub use forgetting_rows::ForgettingRows;
pub use grace_rows::{GraceReads, GraceRows};
pub use router_gateway::{
    BreakerState, InterfaceLoad, RateLimit, RouterError, RouterGateway, RouterGateways, RouterHealth,
    RouterIdentity, RouterSession, SeenUser, WantedUser,
};
pub use router_user_rows::{RouterUserReads, RouterUserRows};
pub use session_rows::{NameOwner, SessionReads, SessionRows};

use crate::{
    hotspot_user::{HotspotUser, Transition},
    queries::{HotspotUserFilter, HotspotUserView, RouterView},
    router::Router,
};

/// Begins hotspot's transactions.
#[async_trait]
pub trait HotspotStore: Send + Sync {
    /// A new transaction.
    async fn begin(&self) -> Result<Box<dyn HotspotTx>, StoreError>;
}

/// Hotspot's rows within a transaction.
#[async_trait]
pub trait HotspotTx:
    UnitOfWork + RouterRows + SessionRows + BlockRows + RouterUserRows + GraceRows + ForgettingRows
{
    /// Writes a new hotspot user, unless its unit has one or another user has its name: then nothing changes
    /// and the transaction goes on.
    async fn insert_user(&mut self, user: &HotspotUser) -> Result<Insertion, StoreError>;

    /// One hotspot user, held against other transactions until this one ends.
    async fn lock_user(&mut self, id: HotspotUserId) -> Result<Option<HotspotUser>, StoreError>;

    /// The hotspot users that an order owes by unit number, held against other transactions until this one ends.
    async fn lock_users_of_order(&mut self, order: OrderId) -> Result<Vec<HotspotUser>, StoreError>;

    /// Has everybody who makes or withdraws the units of an order wait for the end of this transaction.
    async fn hold_order(&mut self, order: OrderId) -> Result<(), StoreError>;

    /// Writes down that these units are not owed any more.
    async fn withdraw_units(&mut self, units: &[UnitId], at: Timestamp) -> Result<(), StoreError>;

    /// Which of these units are not owed any more.
    async fn withdrawn_units(&mut self, units: &[UnitId]) -> Result<Vec<UnitId>, StoreError>;

    /// Takes a step in a user's life; false, and no change, if the user does not stand where the step begins.
    async fn transition(&mut self, id: HotspotUserId, step: &Transition) -> Result<bool, StoreError>;

    /// Gives a pending user that never had another name a new one, and keeps the old as
    /// [`HotspotUser::renamed_from`]; false, and no change, if it is not `from` any more, or not for the first
    /// time. A name that another user has is a [`StoreError::Conflict`].
    async fn rename_user(&mut self, id: HotspotUserId, from: &str, to: &str) -> Result<bool, StoreError>;

    /// Writes down when an active user whose validity waits for its first use was first used, and when it ends;
    /// false, and no change, if its validity has begun already, waits for nothing, or it is not active.
    async fn begin_validity(
        &mut self,
        id: HotspotUserId,
        first_used_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Writes how long a user's validity is, and when it ends. The user is held.
    async fn set_validity(
        &mut self,
        id: HotspotUserId,
        validity_minutes: u32,
        expires_at: Option<Timestamp>,
    ) -> Result<(), StoreError>;

    /// Has a user be on another router, at its site; false, and no change, if it is not on `from` any more.
    async fn move_user(&mut self, id: HotspotUserId, from: RouterId, to: &Router)
    -> Result<bool, StoreError>;
}

/// Routers, within a transaction.
#[async_trait]
pub trait RouterRows: Send {
    /// The default router of a site, if it takes users. It stays so until this transaction ends, and others may
    /// read it meanwhile: every sale of the site does.
    async fn default_router(&mut self, site: SiteId) -> Result<Option<Router>, StoreError>;

    /// A router, if it takes users. It stays so until this transaction ends.
    async fn router_taking_users(&mut self, id: RouterId) -> Result<Option<Router>, StoreError>;

    /// The router of a site that the settings describe, in use or not. Not held.
    async fn configured_router(&mut self, site: SiteId) -> Result<Option<Router>, StoreError>;

    /// What stands for RADIUS at a site. It stays so until this transaction ends, and others may read it meanwhile:
    /// every sale by RADIUS does.
    async fn radius_router(&mut self, site: SiteId) -> Result<Option<Router>, StoreError>;

    /// A router, held against other transactions until this one ends.
    async fn lock_router(&mut self, id: RouterId) -> Result<Option<Router>, StoreError>;

    /// How many hotspot users are on a router and not over: nobody is put onto it while it is held.
    async fn live_users_on(&mut self, router: RouterId) -> Result<u64, StoreError>;

    /// Writes a new router; false, and no change, if a router in use has its name, or if its site has a default,
    /// a configured one or one for RADIUS already and it would be a second.
    async fn insert_router(&mut self, router: &Router) -> Result<bool, StoreError>;

    /// Writes a router anew, all but when it was first written down and whether it is the default; false, and no
    /// change, if another router in use has its name.
    async fn update_router(&mut self, router: &Router) -> Result<bool, StoreError>;

    /// Makes a router the default of its site instead of the one that was.
    async fn make_default(&mut self, router: &Router) -> Result<(), StoreError>;

    /// Writes down how a router was found, unless what is written is younger.
    async fn note_health(
        &mut self,
        router: RouterId,
        at: Timestamp,
        health: &RouterHealth,
    ) -> Result<(), StoreError>;
}

/// What became of an insert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Insertion {
    /// The row is there.
    Inserted,
    /// The unit has its hotspot user already: nothing is owed any more.
    UnitHasOne,
    /// Another hotspot user has this name.
    NameTaken,
}

/// Hotspot's rows as they were last committed, without waiting for anybody who writes.
#[async_trait]
pub trait HotspotReads: SessionReads + BlockReads + RouterUserReads + GraceReads + Send + Sync {
    /// One hotspot user with its router, for the jobs.
    async fn user_and_router(&self, id: HotspotUserId) -> Result<Option<(HotspotUser, Router)>, StoreError>;

    /// One router, in use or not.
    async fn find_router(&self, id: RouterId) -> Result<Option<Router>, StoreError>;

    /// The routers in use, or all that there ever were, by name.
    async fn list_routers(&self, with_retired: bool) -> Result<Vec<RouterView>, StoreError>;

    /// One router as it is shown, in use or not.
    async fn find_router_view(&self, id: RouterId) -> Result<Option<RouterView>, StoreError>;

    /// The hotspot users that an order owes, by unit number.
    async fn users_of_order(&self, order: OrderId) -> Result<Vec<HotspotUser>, StoreError>;

    /// The units of an order whose credentials have been used: they have ever had a session, or begun by it.
    async fn used_units(&self, order: OrderId) -> Result<Vec<UnitId>, StoreError>;

    /// A page of the hotspot users that fit a filter, latest first.
    async fn list_users(
        &self,
        filter: &HotspotUserFilter,
        page: PageRequest,
    ) -> Result<Page<HotspotUserView>, StoreError>;

    /// One hotspot user, as it is shown.
    async fn find_view(&self, id: HotspotUserId) -> Result<Option<HotspotUserView>, StoreError>;

    /// Those whose end is not after `now` and who have not been ended yet, the longest overdue first, at most
    /// `limit`.
    async fn overdue_users(&self, now: Timestamp, limit: u64) -> Result<Vec<HotspotUserId>, StoreError>;

    /// The active users with these names on a router whose validity waits for its first use. A few hundred
    /// names at most.
    async fn users_awaiting_first_use(
        &self,
        router: RouterId,
        names: &[&str],
    ) -> Result<Vec<HotspotUser>, StoreError>;

    /// The fact that an order is paid.
    async fn payment_succeeded(&self, order: OrderId) -> Result<Option<PaymentSucceeded>, StoreError>;
}
