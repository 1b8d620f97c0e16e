//! What hotspot tells.

use serde::{Deserialize, Serialize};

use super::{Contact, fact};
use crate::{
    ambient::Timestamp,
    id::ids::{HotspotUserId, OrderId, RouterId, UnitId},
    sealed::Sealed,
};

/// The credentials of some of an order's units exist, and their way to the router has begun (again).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisioningStarted {
    /// The order.
    pub order_id: OrderId,
    /// Its units that are on their way.
    pub units: Vec<UnitId>,
}
fact!(ProvisioningStarted, about "order" = order_id, story = |fact| Some(fact.order_id.as_uuid()));

/// A hotspot user exists on its router and can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotspotUserProvisioned {
    /// The hotspot user.
    pub hotspot_user_id: HotspotUserId,
    /// The order that it was made for.
    pub order_id: OrderId,
    /// The order's number for people.
    pub order_number: String,
    /// The unit of the order.
    pub unit_id: UnitId,
    /// The router it is on.
    pub router_id: RouterId,
    /// Who gets the credentials.
    pub contact: Contact,
    /// The name of what was sold.
    pub package_name: String,
    /// The name to sign in with.
    pub username: String,
    /// The password to sign in with, sealed for the hotspot user.
    pub sealed_password: Sealed,
    /// How long the credentials are good for, in minutes.
    pub validity_minutes: u32,
    /// When they end; unknown while the validity has not begun.
    pub expires_at: Option<Timestamp>,
}
fact!(HotspotUserProvisioned, about "hotspot_user" = hotspot_user_id, story = |fact| Some(fact.order_id.as_uuid()));

/// A hotspot user could not be made, and trying again by itself will not help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotspotUserFailed {
    /// The hotspot user.
    pub hotspot_user_id: HotspotUserId,
    /// The order that it was to be made for.
    pub order_id: OrderId,
    /// The unit of the order.
    pub unit_id: UnitId,
    /// What the router said.
    pub reason: String,
}
fact!(HotspotUserFailed, about "hotspot_user" = hotspot_user_id, story = |fact| Some(fact.order_id.as_uuid()));

/// A hotspot user's time is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotspotUserExpired {
    /// The hotspot user.
    pub hotspot_user_id: HotspotUserId,
    /// The order that it was made for.
    pub order_id: OrderId,
}
fact!(HotspotUserExpired, about "hotspot_user" = hotspot_user_id, story = |fact| Some(fact.order_id.as_uuid()));
