//! A paid order's credentials are made and stored, and their way to the router begins: everything that must be
//! decided before a router hears of it, in the caller's one transaction. Likewise a grace, which nobody has bought.

use std::collections::HashSet;

use kernel::{
    Event, Id, NewJob, Origin, StoreError, Timestamp,
    events::{
        Contact,
        billing::{OwedUnit, PaymentSucceeded, SoldPackage, Target},
        hotspot::ProvisioningStarted,
    },
    id::ids::{HotspotUserId, OrderId, RouterId, SiteId, UnitId},
    sealed::{Purpose, SealError},
};

use super::Hotspot;
use crate::{
    credentials::Usernames,
    hotspot_user::{HotspotUser, HotspotUserStatus, Marker},
    jobs::ProvisionUser,
    ports::{HotspotTx, Insertion},
    router::Router,
};

/// Why an order could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum PrepareOrderError {
    /// The router that was ordered takes nobody any more, and the order's site has no default one that does.
    #[error("site {0} has no default router")]
    NoRouter(SiteId),
    /// A password could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How many taken names are passed over before something must be wrong with the names themselves.
const NAMES_TRIED: usize = 10_000;

/// How many names of what stands for RADIUS are tried: one for each site.
const RADIUS_NAMES_TRIED: usize = 1_000;

/// What is to be made for an order, and where.
pub(crate) struct Wanted {
    pub(crate) order_id: OrderId,
    pub(crate) order_number: String,
    pub(crate) site_id: SiteId,
    pub(crate) router_id: Option<RouterId>,
    pub(crate) contact: Contact,
    pub(crate) package: SoldPackage,
    pub(crate) units: Vec<OwedUnit>,
}

impl From<&PaymentSucceeded> for Wanted {
    fn from(fact: &PaymentSucceeded) -> Self {
        Self {
            order_id: fact.order_id,
            order_number: fact.order_number.clone(),
            site_id: fact.site_id,
            router_id: fact.router_id,
            contact: fact.contact.clone(),
            package: fact.package.clone(),
            units: fact.units.clone(),
        }
    }
}

/// What the units of one order have in common.
struct Making<'a> {
    wanted: &'a Wanted,
    router: Router,
    at: Timestamp,
    usernames: std::iter::Take<Usernames>,
}

impl Hotspot {
    /// Writes a hotspot user and its job for every unit that has none and is still owed, and gives those units back. The
    /// order is held.
    pub(crate) async fn prepare_missing(
        &self,
        tx: &mut dyn HotspotTx,
        wanted: &Wanted,
        origin: &Origin,
        existing: &[HotspotUser],
    ) -> Result<Vec<UnitId>, PrepareOrderError> {
        let owed: Vec<_> = wanted.units.iter().map(|unit| unit.unit_id).collect();
        let mut over: HashSet<_> = tx.withdrawn_units(&owed).await?.into_iter().collect();
        over.extend(existing.iter().map(|user| user.unit_id));
        let missing = || wanted.units.iter().filter(|unit| !over.contains(&unit.unit_id));
        if missing().next().is_none() {
            return Ok(Vec::new());
        }
        let mut making = Making {
            wanted,
            router: match wanted.package.target {
                Target::Router => router_of(tx, wanted).await?,
                Target::Radius => self.radius_of(tx, wanted.site_id, origin).await?,
            },
            at: self.ambient.now(),
            usernames: self.credentials.usernames(&self.ambient).take(NAMES_TRIED),
        };
        let mut prepared = Vec::new();
        for unit in missing() {
            if let Some(user) = self.make_user(tx, &mut making, *unit).await? {
                self.send_to_router(tx, user, origin).await?;
                prepared.push(unit.unit_id);
            }
        }
        Ok(prepared)
    }

    /// Stores one new hotspot user under the first name that is free; `None` if its unit has got one meanwhile.
    async fn make_user(
        &self,
        tx: &mut dyn HotspotTx,
        making: &mut Making<'_>,
        unit: OwedUnit,
    ) -> Result<Option<HotspotUserId>, PrepareOrderError> {
        let mut user = self.new_user(making, unit)?;
        for username in making.usernames.by_ref() {
            user.username = username;
            match tx.insert_user(&user).await? {
                Insertion::Inserted => return Ok(Some(user.id)),
                Insertion::UnitHasOne => return Ok(None),
                Insertion::NameTaken => {}
            }
        }
        Err(StoreError::Conflict("no username is free".to_owned()).into())
    }

    fn new_user(&self, making: &Making<'_>, unit: OwedUnit) -> Result<HotspotUser, SealError> {
        let Making { wanted, router, at, .. } = making;
        let id = Id::generate(&self.ambient);
        let password = self.credentials.password(&self.ambient);
        Ok(HotspotUser {
            id,
            username: String::new(),
            sealed_password: self.sealer.seal(Purpose::WifiPassword, &id, password.reveal())?,
            status: HotspotUserStatus::Pending,
            order_id: wanted.order_id,
            order_number: wanted.order_number.clone(),
            unit_id: unit.unit_id,
            unit_number: unit.number,
            marker: Marker::of(wanted.order_id, unit.number),
            contact: wanted.contact.clone(),
            package_name: wanted.package.name.clone(),
            policy: wanted.package.policy.clone(),
            validity_minutes: wanted.package.validity_minutes,
            validity_start: wanted.package.validity_start,
            site_id: router.site_id,
            router_id: router.id,
            renamed_from: None,
            failure: None,
            created_at: *at,
            activated_at: None,
            expires_at: None,
            first_used_at: None,
        })
    }

    /// What stands for RADIUS at a site, written down when it is first needed. Staff may have given its name to a router:
    /// then it has a number.
    async fn radius_of(
        &self,
        tx: &mut dyn HotspotTx,
        site: SiteId,
        origin: &Origin,
    ) -> Result<Router, StoreError> {
        for number in 1..=RADIUS_NAMES_TRIED {
            if let Some(router) = tx.radius_router(site).await? {
                return Ok(router);
            }
            let name = if number == 1 { "RADIUS".to_owned() } else { format!("RADIUS {number}") };
            let router = Router::for_radius(Id::generate(&self.ambient), name, site, self.ambient.now());
            if tx.insert_router(&router).await? {
                self.audit_router(tx, &router, "create", origin).await?;
                return Ok(router);
            }
        }
        Err(StoreError::Conflict("no name is free for RADIUS".to_owned()))
    }

    /// Puts the job in the queue that brings a user to its router. It has no unique key on purpose: the last
    /// job of a user may be in a worker's hand, about to give the user up, while a person asks for another.
    pub(crate) async fn send_to_router(
        &self,
        tx: &mut dyn HotspotTx,
        user: HotspotUserId,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let spec = ProvisionUser { hotspot_user_id: user };
        tx.enqueue(NewJob::new(&self.ambient, &spec, origin.request_id.clone())?).await
    }

    /// Tells that units are on their way, if there are any.
    pub(crate) async fn tell_started(
        &self,
        tx: &mut dyn HotspotTx,
        fact: &PaymentSucceeded,
        origin: &Origin,
        units: Vec<UnitId>,
    ) -> Result<(), StoreError> {
        if units.is_empty() {
            return Ok(());
        }
        let started = ProvisioningStarted { order_id: fact.order_id, units };
        tx.append(Event::new(&self.ambient, origin, &started)?).await
    }
}

/// The router that was ordered; when that takes nobody any more, or none was, the default one of the site.
async fn router_of(tx: &mut dyn HotspotTx, wanted: &Wanted) -> Result<Router, PrepareOrderError> {
    if let Some(id) = wanted.router_id {
        if let Some(router) = tx.router_taking_users(id).await? {
            return Ok(router);
        }
        tracing::warn!(order = %wanted.order_id, router = %id, "the router that was ordered takes nobody");
    }
    let router = tx.default_router(wanted.site_id).await?;
    router.ok_or(PrepareOrderError::NoRouter(wanted.site_id))
}
