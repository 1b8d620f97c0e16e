//! What is compared with a router's list of users, and the users there that the portal did not make.

use std::collections::BTreeMap;

use async_trait::async_trait;
use kernel::{
    Page, PageRequest, StoreError, Timestamp,
    id::ids::{HotspotUserId, RouterId, UnknownRouterUserId, UserId},
};

use crate::{
    hotspot_user::HotspotUser,
    queries::router_users::{UnknownRouterUserView, UnknownUserFilter},
    router_user::{UnknownRouterUser, UnknownStatus},
};

/// Rows of users that the portal did not make, within a transaction.
#[async_trait]
pub trait RouterUserRows: Send {
    /// Writes users of a router down; of one that is known there, only its comment and that it was seen again.
    async fn note_unknown_users(&mut self, users: &[UnknownRouterUser]) -> Result<(), StoreError>;

    /// Forgets those of a router that were last seen before a moment and about whom nothing was decided.
    async fn forget_unknown_users(&mut self, router: RouterId, before: Timestamp) -> Result<(), StoreError>;

    /// One of them, held against other transactions until this one ends.
    async fn lock_unknown_user(
        &mut self,
        id: UnknownRouterUserId,
    ) -> Result<Option<UnknownRouterUser>, StoreError>;

    /// Writes down what was decided about one of them.
    async fn decide_unknown_user(
        &mut self,
        id: UnknownRouterUserId,
        status: UnknownStatus,
        user: Option<UserId>,
    ) -> Result<(), StoreError>;
}

/// What a router is to have, as it was last committed.
#[async_trait]
pub trait RouterUserReads: Send + Sync {
    /// The hotspot users of a router that are not over.
    async fn users_of_router(&self, router: RouterId) -> Result<Vec<HotspotUser>, StoreError>;

    /// The hotspot users with these markers, wherever they are and however they stand.
    async fn users_with_markers(&self, markers: &[&str]) -> Result<Vec<HotspotUser>, StoreError>;

    /// The bytes that went through the sessions of each hotspot user of a router, of those that have used any.
    async fn used_bytes(&self, router: RouterId) -> Result<BTreeMap<HotspotUserId, u64>, StoreError>;

    /// A page of the users that the portal did not make, latest first.
    async fn list_unknown_users(
        &self,
        filter: &UnknownUserFilter,
        page: PageRequest,
    ) -> Result<Page<UnknownRouterUserView>, StoreError>;

    /// One of them, as it is shown.
    async fn find_unknown_user(
        &self,
        id: UnknownRouterUserId,
    ) -> Result<Option<UnknownRouterUserView>, StoreError>;
}
