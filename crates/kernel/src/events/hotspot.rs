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

/// Staff switched a hotspot user off for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotspotUserSuspended {
    /// The hotspot user.
    pub hotspot_user_id: HotspotUserId,
    /// The order that it was made for.
    pub order_id: OrderId,
}
fact!(HotspotUserSuspended, about "hotspot_user" = hotspot_user_id, story = |fact| Some(fact.order_id.as_uuid()));

/// Staff switched a hotspot user on again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotspotUserResumed {
    /// The hotspot user.
    pub hotspot_user_id: HotspotUserId,
    /// The order that it was made for.
    pub order_id: OrderId,
}
fact!(HotspotUserResumed, about "hotspot_user" = hotspot_user_id, story = |fact| Some(fact.order_id.as_uuid()));

/// Staff took a hotspot user back for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotspotUserRevoked {
    /// The hotspot user.
    pub hotspot_user_id: HotspotUserId,
    /// The order that it was made for.
    pub order_id: OrderId,
}
fact!(HotspotUserRevoked, about "hotspot_user" = hotspot_user_id, story = |fact| Some(fact.order_id.as_uuid()));

/// Staff gave a hotspot user more time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotspotUserExtended {
    /// The hotspot user.
    pub hotspot_user_id: HotspotUserId,
    /// The order that it was made for.
    pub order_id: OrderId,
    /// When it ends now; unknown while its validity has not begun.
    pub expires_at: Option<Timestamp>,
    /// How long its validity is, in minutes, as far as it has not begun.
    pub validity_minutes: u32,
}
fact!(HotspotUserExtended, about "hotspot_user" = hotspot_user_id, story = |fact| Some(fact.order_id.as_uuid()));

/// Staff moved a hotspot user to another router. Its credentials stay what they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotspotUserMoved {
    /// The hotspot user.
    pub hotspot_user_id: HotspotUserId,
    /// The order that it was made for.
    pub order_id: OrderId,
    /// The router that it leaves.
    pub from_router_id: RouterId,
    /// The router that it goes to.
    pub to_router_id: RouterId,
}
fact!(HotspotUserMoved, about "hotspot_user" = hotspot_user_id, story = |fact| Some(fact.order_id.as_uuid()));

/// Hotspot has forgotten who got the credentials of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotspotUsersForgotten {
    /// The order that they were made for.
    pub order_id: OrderId,
    /// By what their entries are known again where they were put.
    pub markers: Vec<String>,
}
fact!(HotspotUsersForgotten, about "order" = order_id, story = |fact| Some(fact.order_id.as_uuid()));
