//! What owners and staff see of hotspot users, of what happens on routers, and of [`routers`] themselves.

pub mod router_users;
pub mod routers;
pub mod sessions;

use std::collections::BTreeSet;

use kernel::{
    AccessPolicy, Msisdn, Page, PageRequest, StoreError, Timestamp,
    events::billing::ValidityStart,
    id::ids::{HotspotUserId, OrderId, RouterId, SiteId, UnitId, UserId},
    sealed::{Purpose, SealError},
};

use crate::{
    credentials::WifiPassword,
    hotspot_user::{HotspotUser, HotspotUserStatus},
    use_cases::Hotspot,
};

pub use routers::RouterView;

/// Which hotspot users are wanted. Everything that is given must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HotspotUserFilter {
    /// Whose they are.
    pub owner: Option<UserId>,
    /// Where they stand.
    pub status: Option<HotspotUserStatus>,
    /// Which order made them.
    pub order_id: Option<OrderId>,
    /// Which router they are on.
    pub router_id: Option<RouterId>,
    /// A part of the username, in capitals or not.
    pub username: Option<String>,
}

/// A hotspot user as it is shown: everything but the password.
#[derive(Debug, Clone, PartialEq)]
pub struct HotspotUserView {
    /// Names it.
    pub id: HotspotUserId,
    /// The name to sign in with.
    pub username: String,
    /// Where it stands.
    pub status: HotspotUserStatus,
    /// The order that owes it.
    pub order_id: OrderId,
    /// The order's number for people.
    pub order_number: String,
    /// The unit of the order.
    pub unit_id: UnitId,
    /// The unit's place in the order, from 1; 0 for what lets a guest be online while a payment waits.
    pub unit_number: u32,
    /// The account it belongs to, unless a guest bought it.
    pub owner: Option<UserId>,
    /// The phone that the credentials go to.
    pub phone: Option<Msisdn>,
    /// The name of what was sold.
    pub package_name: String,
    /// What the credentials allow.
    pub policy: AccessPolicy,
    /// How long they are good for, in minutes.
    pub validity_minutes: u32,
    /// When that time begins.
    pub validity_start: ValidityStart,
    /// Where they are used.
    pub site_id: SiteId,
    /// The router they are on.
    pub router_id: RouterId,
    /// That router's name.
    pub router_name: String,
    /// Why it failed, while it is failed.
    pub failure: Option<String>,
    /// When it was prepared.
    pub created_at: Timestamp,
    /// When it was ready on its router.
    pub activated_at: Option<Timestamp>,
    /// When it ends; unknown while its validity has not begun.
    pub expires_at: Option<Timestamp>,
    /// When somebody first signed in with it.
    pub first_used_at: Option<Timestamp>,
}

/// What it takes to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The name.
    pub username: String,
    /// The password, in the clear.
    pub password: WifiPassword,
    /// When they end; unknown while their validity has not begun.
    pub expires_at: Option<Timestamp>,
}

/// One set of credentials of an order, as far as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitCredentials {
    /// The unit's place in the order, from 1.
    pub unit_number: u32,
    /// Where the hotspot user stands.
    pub status: HotspotUserStatus,
    /// The credentials, once they work.
    pub credentials: Option<Credentials>,
}

/// Why credentials are not shown.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The caller has no such hotspot user.
    #[error("no such hotspot user")]
    NotFound,
    /// The router does not know them: they would not work.
    #[error("the credentials are {0}")]
    NotReady(HotspotUserStatus),
    /// The password does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Hotspot {
    /// A page of the hotspot users of one owner, latest first; the filter's own owner does not count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_own_users(
        &self,
        owner: UserId,
        filter: HotspotUserFilter,
        page: PageRequest,
    ) -> Result<Page<HotspotUserView>, StoreError> {
        let filter = HotspotUserFilter { owner: Some(owner), ..filter };
        self.reads.list_users(&filter, page).await
    }

    /// A page of everybody's hotspot users, latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_users(
        &self,
        filter: &HotspotUserFilter,
        page: PageRequest,
    ) -> Result<Page<HotspotUserView>, StoreError> {
        self.reads.list_users(filter, page).await
    }

    /// One hotspot user of one owner.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_own_user(
        &self,
        owner: UserId,
        id: HotspotUserId,
    ) -> Result<Option<HotspotUserView>, StoreError> {
        let view = self.reads.find_view(id).await?;
        Ok(view.filter(|view| view.owner == Some(owner)))
    }

    /// One hotspot user, whoever owns it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_user(&self, id: HotspotUserId) -> Result<Option<HotspotUserView>, StoreError> {
        self.reads.find_view(id).await
    }

    /// The credentials of a hotspot user, for its owner alone. They are not shown before they work.
    ///
    /// # Errors
    /// [`CredentialsError`]; somebody else's hotspot user is [`CredentialsError::NotFound`].
    pub async fn credentials(
        &self,
        owner: UserId,
        id: HotspotUserId,
    ) -> Result<Credentials, CredentialsError> {
        let found = self.reads.user_and_router(id).await?;
        let user = found
            .map(|(user, _)| user)
            .filter(|user| user.contact.user_id == Some(owner))
            .ok_or(CredentialsError::NotFound)?;
        let status = user.status;
        self.ready(user)?.ok_or(CredentialsError::NotReady(status))
    }

    /// The credentials of an order by unit number, for whoever may see the order. None are shown before they work.
    ///
    /// # Errors
    /// [`CredentialsError`].
    pub async fn credentials_of_order(
        &self,
        order: OrderId,
    ) -> Result<Vec<UnitCredentials>, CredentialsError> {
        let unit = |user: HotspotUser| {
            let (unit_number, status) = (user.unit_number, user.status);
            Ok(UnitCredentials { unit_number, status, credentials: self.ready(user)? })
        };
        self.reads.users_of_order(order).await?.into_iter().map(unit).collect()
    }

    /// The units of an order whose credentials have been used, as far as their routers have told.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn used_units(&self, order: OrderId) -> Result<BTreeSet<UnitId>, StoreError> {
        Ok(self.reads.used_units(order).await?.into_iter().collect())
    }

    /// What lets a guest be online while the payment of their order waits, for whoever may see the order; none before it
    /// works, and none after its end.
    ///
    /// # Errors
    /// [`CredentialsError`].
    pub async fn grace_of_order(&self, order: OrderId) -> Result<Option<Credentials>, CredentialsError> {
        let grace = self.reads.grace_of(order).await?;
        let (now, works) = (self.ambient.now(), HotspotUserStatus::Active);
        let grace =
            grace.filter(|grace| grace.status == works && grace.expires_at.is_none_or(|end| end > now));
        Ok(grace.map(|grace| self.ready(grace)).transpose()?.flatten())
    }

    /// The credentials of a hotspot user that its router knows, or has known.
    fn ready(&self, user: HotspotUser) -> Result<Option<Credentials>, SealError> {
        match user.status {
            HotspotUserStatus::Pending | HotspotUserStatus::Failed => Ok(None),
            HotspotUserStatus::Active
            | HotspotUserStatus::Suspended
            | HotspotUserStatus::Expired
            | HotspotUserStatus::Revoked => Ok(Some(Credentials {
                password: self.open_password(&user)?,
                username: user.username,
                expires_at: user.expires_at,
            })),
        }
    }

    pub(crate) fn open_password(&self, user: &HotspotUser) -> Result<WifiPassword, SealError> {
        let opened = self.sealer.open(Purpose::WifiPassword, &user.id, &user.sealed_password)?;
        Ok(WifiPassword::from_opened(opened))
    }
}
