//! Typed identifiers: UUIDs that cannot be mistaken for one another.

use std::{cmp::Ordering, fmt, hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::ambient::Ambient;

/// The identifier of a `T`, a UUID of version 7 (RFC 9562), so that ids sort by the time they were made.
pub struct Id<T> {
    uuid: Uuid,
    of: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    /// Makes a new id, which sorts behind those made before it.
    #[must_use]
    pub fn generate(ambient: &Ambient) -> Self {
        Self::from_uuid(ambient.uuid_v7())
    }

    /// Gives a stored or received UUID its type.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self { uuid, of: PhantomData }
    }

    /// The bare UUID, for storage and for the wire.
    #[must_use]
    pub const fn as_uuid(&self) -> Uuid {
        self.uuid
    }
}

// Written by hand: a derive would ask the same of the marker type `T`.
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<T> hash::Hash for Id<T> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.uuid, f)
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.uuid, f)
    }
}
impl<T> FromStr for Id<T> {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self::from_uuid)
    }
}
impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.uuid.serialize(serializer)
    }
}
impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::from_uuid)
    }
}

/// What an id can name. Each is an empty type: it exists only between the angle brackets of [`Id`].
pub mod of {
    /// A person with an account.
    #[derive(Debug)]
    pub enum User {}
    /// One login of a user: an access token and the refresh tokens that follow each other.
    #[derive(Debug)]
    pub enum Session {}
    /// A place with routers.
    #[derive(Debug)]
    pub enum Site {}
    /// What is sold: a name, a price, a validity, an access policy.
    #[derive(Debug)]
    pub enum Package {}
    /// What somebody bought.
    #[derive(Debug)]
    pub enum Order {}
    /// Cash that was put into an agent's wallet, or taken out of it.
    #[derive(Debug)]
    pub enum AgentTransfer {}
    /// What a customer is given for a paid order.
    #[derive(Debug)]
    pub enum Receipt {}
    /// Money that goes back.
    #[derive(Debug)]
    pub enum Refund {}
    /// Vouchers that were taken back from an agent.
    #[derive(Debug)]
    pub enum VoucherReturn {}
    /// Vouchers that were made together.
    #[derive(Debug)]
    pub enum VoucherBatch {}
    /// A code that is good for one set of credentials.
    #[derive(Debug)]
    pub enum Voucher {}
    /// One attempt to pay an order.
    #[derive(Debug)]
    pub enum Payment {}
    /// One set of credentials that an order owes.
    #[derive(Debug)]
    pub enum Unit {}
    /// A message that a payment gateway sent us.
    #[derive(Debug)]
    pub enum Callback {}
    /// A gateway's account of what it has collected.
    #[derive(Debug)]
    pub enum Statement {}
    /// A line of such an account.
    #[derive(Debug)]
    pub enum StatementLine {}
    /// A comparison of payments, ledger and statement.
    #[derive(Debug)]
    pub enum Agreement {}
    /// Something a person has to look at.
    #[derive(Debug)]
    pub enum Task {}
    /// A router with a hotspot.
    #[derive(Debug)]
    pub enum Router {}
    /// One set of Wi-Fi credentials on a router.
    #[derive(Debug)]
    pub enum HotspotUser {}
    /// One device's time on a router's hotspot.
    #[derive(Debug)]
    pub enum HotspotSession {}
    /// Somebody's phone or computer.
    #[derive(Debug)]
    pub enum Device {}
    /// Something that is blocked on routers.
    #[derive(Debug)]
    pub enum Block {}
    /// A user on a router that the portal did not make.
    #[derive(Debug)]
    pub enum UnknownRouterUser {}
    /// What is enforced on those who have it: rates, quotas, timeouts.
    #[derive(Debug)]
    pub enum AccessProfile {}
    /// A change of an access profile, or of who has which.
    #[derive(Debug)]
    pub enum ProfileChange {}
    /// A group of people that are given access together.
    #[derive(Debug)]
    pub enum Promotion {}
    /// Somebody whom RADIUS may let in.
    #[derive(Debug)]
    pub enum Subscriber {}
    /// A device that asks the RADIUS server: a router, an access point.
    #[derive(Debug)]
    pub enum NasClient {}
    /// One device's time on a NAS.
    #[derive(Debug)]
    pub enum RadiusSession {}
    /// One try to have a session changed or ended.
    #[derive(Debug)]
    pub enum EnforcementAttempt {}
    /// Something a person is told.
    #[derive(Debug)]
    pub enum Notification {}
    /// One notification on its way through one channel.
    #[derive(Debug)]
    pub enum Delivery {}
    /// A fact in the event log.
    #[derive(Debug)]
    pub enum Event {}
    /// A piece of work in the queue.
    #[derive(Debug)]
    pub enum Job {}
    /// A line of the audit log.
    #[derive(Debug)]
    pub enum Audit {}
}

/// Short names for the ids that cross module borders often.
pub mod ids {
    use super::{Id, of};

    /// Names a user.
    pub type UserId = Id<of::User>;
    /// Names a login session.
    pub type SessionId = Id<of::Session>;
    /// Names a site.
    pub type SiteId = Id<of::Site>;
    /// Names a package.
    pub type PackageId = Id<of::Package>;
    /// Names an order.
    pub type OrderId = Id<of::Order>;
    /// Names a transfer of cash to or from an agent's wallet.
    pub type AgentTransferId = Id<of::AgentTransfer>;
    /// Names a receipt.
    pub type ReceiptId = Id<of::Receipt>;
    /// Names a refund.
    pub type RefundId = Id<of::Refund>;
    /// Names vouchers that were taken back together.
    pub type VoucherReturnId = Id<of::VoucherReturn>;
    /// Names a batch of vouchers.
    pub type VoucherBatchId = Id<of::VoucherBatch>;
    /// Names a voucher.
    pub type VoucherId = Id<of::Voucher>;
    /// Names a payment.
    pub type PaymentId = Id<of::Payment>;
    /// Names a provisioning unit.
    pub type UnitId = Id<of::Unit>;
    /// Names a stored gateway callback.
    pub type CallbackId = Id<of::Callback>;
    /// Names a gateway's statement.
    pub type StatementId = Id<of::Statement>;
    /// Names a line of a statement.
    pub type StatementLineId = Id<of::StatementLine>;
    /// Names an agreement report.
    pub type AgreementId = Id<of::Agreement>;
    /// Names a task for a person.
    pub type TaskId = Id<of::Task>;
    /// Names a router.
    pub type RouterId = Id<of::Router>;
    /// Names a hotspot user.
    pub type HotspotUserId = Id<of::HotspotUser>;
    /// Names a device's time on a router's hotspot.
    pub type HotspotSessionId = Id<of::HotspotSession>;
    /// Names a device.
    pub type DeviceId = Id<of::Device>;
    /// Names a block.
    pub type BlockId = Id<of::Block>;
    /// Names a user on a router that the portal did not make.
    pub type UnknownRouterUserId = Id<of::UnknownRouterUser>;
    /// Names an access profile.
    pub type AccessProfileId = Id<of::AccessProfile>;
    /// Names a change of an access profile, or of who has which.
    pub type ProfileChangeId = Id<of::ProfileChange>;
    /// Names a promotion.
    pub type PromotionId = Id<of::Promotion>;
    /// Names a RADIUS subscriber.
    pub type SubscriberId = Id<of::Subscriber>;
    /// Names a RADIUS client.
    pub type NasClientId = Id<of::NasClient>;
    /// Names a device's time on a NAS.
    pub type RadiusSessionId = Id<of::RadiusSession>;
    /// Names a try to have a session changed or ended.
    pub type EnforcementAttemptId = Id<of::EnforcementAttempt>;
    /// Names a notification.
    pub type NotificationId = Id<of::Notification>;
    /// Names a delivery.
    pub type DeliveryId = Id<of::Delivery>;
    /// Names an event.
    pub type EventId = Id<of::Event>;
    /// Names a job.
    pub type JobId = Id<of::Job>;
    /// Names an audit record.
    pub type AuditId = Id<of::Audit>;
}

#[cfg(test)]
mod tests {
    use super::{Id, of};
    use crate::testing::Surroundings;

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let around = Surroundings::new();
        let ambient = around.ambient();
        let mut ids = vec![Id::<of::Order>::generate(&ambient)];
        for step in [0, 0, 2, 0, -5_000, 0] {
            around.clock.advance(chrono::Duration::milliseconds(step));
            // More than fit one millisecond's counter.
            ids.extend((0..5_000).map(|_| Id::generate(&ambient)));
        }
        assert!(ids.is_sorted_by(|one, next| one < next));
        assert!(ids.iter().all(|id| id.as_uuid().get_version_num() == 7));
    }
}
