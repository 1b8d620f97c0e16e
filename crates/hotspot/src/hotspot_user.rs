//! A hotspot user: one set of Wi-Fi credentials, from the paid order to its end.

use std::{fmt, str::FromStr};

use chrono::TimeDelta;
use kernel::{
    AccessPolicy, Id, Sealed, Timestamp,
    events::{Contact, billing::ValidityStart},
    id::ids::{HotspotUserId, OrderId, RouterId, SiteId, UnitId},
};

/// One set of Wi-Fi credentials on a router.
#[derive(Debug, Clone, PartialEq)]
pub struct HotspotUser {
    /// Names it.
    pub id: HotspotUserId,
    /// The name to sign in with; no other hotspot user has it.
    pub username: String,
    /// The password to sign in with, sealed for this hotspot user.
    pub sealed_password: Sealed,
    /// Where it stands.
    pub status: HotspotUserStatus,
    /// The order that owes it.
    pub order_id: OrderId,
    /// The order's number for people.
    pub order_number: String,
    /// The unit of the order, or the payment that a grace is for; no other hotspot user has it.
    pub unit_id: UnitId,
    /// The unit's place in the order, from 1; [`HotspotUser::GRACE`] for what nobody has bought.
    pub unit_number: u32,
    /// What its entry on the router carries, to be known as ours.
    pub marker: Marker,
    /// Who gets the credentials.
    pub contact: Contact,
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
    /// The name it had until the router turned out to know somebody else by it.
    pub renamed_from: Option<String>,
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

impl HotspotUser {
    /// The number of what lets a guest be online while the payment of their order waits: it is no unit of the order.
    pub const GRACE: u32 = 0;

    /// Whether nobody has bought it: it lets a guest be online while a payment waits.
    #[must_use]
    pub const fn is_grace(&self) -> bool {
        self.unit_number == Self::GRACE
    }

    /// When it ends if its router has it from `begun` on; `None` while its validity waits for its first use.
    /// The customer's time runs from when the credentials work, not from when the router was first tried.
    #[must_use]
    pub fn end_of_validity(&self, begun: Timestamp) -> Option<Timestamp> {
        match self.validity_start {
            ValidityStart::Creation => self.end_of_time_from(begun),
            ValidityStart::FirstUse => None,
        }
    }

    /// When it ends if somebody signs in with it for the first time at `used`; `None` if its validity does not
    /// wait for that.
    #[must_use]
    pub fn end_from_first_use(&self, used: Timestamp) -> Option<Timestamp> {
        match self.validity_start {
            ValidityStart::Creation => None,
            ValidityStart::FirstUse => self.end_of_time_from(used),
        }
    }

    /// How a router is to know it: its own router by its status, any other not at all.
    #[must_use]
    pub fn place_on(&self, router: RouterId) -> Place {
        use HotspotUserStatus::{Active, Expired, Failed, Pending, Revoked, Suspended};
        match self.status {
            _ if router != self.router_id => Place::Absent,
            Pending | Active => Place::Enabled,
            Suspended => Place::Disabled,
            Expired | Revoked | Failed => Place::Absent,
        }
    }

    fn end_of_time_from(&self, begun: Timestamp) -> Option<Timestamp> {
        begun.checked_add_signed(TimeDelta::minutes(i64::from(self.validity_minutes)))
    }
}

/// How a router is to know a hotspot user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is there, and can sign in.
    Enabled,
    /// It is there and switched off, without sessions.
    Disabled,
    /// It is not there, nor are its sessions.
    Absent,
}

/// Where a hotspot user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HotspotUserStatus {
    /// Prepared, and on its way to its router.
    Pending,
    /// On its router; the credentials work.
    Active,
    /// On its router, switched off by staff.
    Suspended,
    /// Its time is over.
    Expired,
    /// Taken back by staff; or a grace that is needed no more.
    Revoked,
    /// The router refused it for good; it waits for a person.
    Failed,
}

impl HotspotUserStatus {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Active, Self::Suspended, Self::Expired, Self::Revoked, Self::Failed];

    /// The status as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Failed => "failed",
        }
    }

    /// Reads a stored or sent status.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether the credentials are over, so that its router must not know it any more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Expired | Self::Revoked)
    }
}

impl fmt::Display for HotspotUserStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A step in the life of a hotspot user, with what it brings. The steps are the only way from one status to
/// another; a step that does not start from where the user stands changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transition {
    /// Its router has it.
    Activate {
        /// When.
        at: Timestamp,
        /// When it will end, if its validity begins now.
        expires_at: Option<Timestamp>,
    },
    /// Its router refused it for good.
    Fail {
        /// What the router said.
        reason: String,
    },
    /// A person wants it tried again.
    Retry,
    /// Staff switch it off.
    Suspend,
    /// Staff switch it on again.
    Resume,
    /// Its time is over.
    Expire {
        /// The present moment: only a user whose end is not after it expires.
        at: Timestamp,
    },
    /// Staff give it more time after its end.
    Revive {
        /// When it ends now.
        expires_at: Timestamp,
    },
    /// Staff take it back; or it is a grace and needed no more.
    Revoke,
}

impl Transition {
    /// From where the step may be taken: with [`Transition::to`], the table of legal moves.
    #[must_use]
    pub const fn from(&self) -> &'static [HotspotUserStatus] {
        use HotspotUserStatus::{Active, Expired, Failed, Pending, Suspended};
        match self {
            Self::Activate { .. } | Self::Fail { .. } => &[Pending],
            Self::Retry => &[Failed],
            Self::Suspend => &[Active],
            Self::Resume => &[Suspended],
            Self::Expire { .. } => &[Active, Suspended],
            Self::Revive { .. } => &[Expired],
            Self::Revoke => &[Pending, Failed, Active, Suspended],
        }
    }

    /// Where the step leads.
    #[must_use]
    pub const fn to(&self) -> HotspotUserStatus {
        match self {
            Self::Activate { .. } | Self::Resume | Self::Revive { .. } => HotspotUserStatus::Active,
            Self::Fail { .. } => HotspotUserStatus::Failed,
            Self::Retry => HotspotUserStatus::Pending,
            Self::Suspend => HotspotUserStatus::Suspended,
            Self::Expire { .. } => HotspotUserStatus::Expired,
            Self::Revoke => HotspotUserStatus::Revoked,
        }
    }
}

/// What marks an entry on a router as ours, and whose it is: `o:<order id>#<unit number>`, written into the
/// entry's comment. An entry without it was made by somebody else and is never touched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Marker(String);

impl Marker {
    /// The marker of a unit of an order.
    #[must_use]
    pub fn of(order: OrderId, unit_number: u32) -> Self {
        Self(format!("o:{order}#{unit_number}"))
    }

    /// Reads an entry's comment; `None` when it is not a marker.
    #[must_use]
    pub fn parse(comment: &str) -> Option<Self> {
        let (order, number) = comment.strip_prefix("o:")?.split_once('#')?;
        let order = Id::from_str(order).ok()?;
        let marker = Self::of(order, number.parse().ok()?);
        (marker.0 == comment).then_some(marker)
    }

    /// The marker among the words of a comment: somebody may have written a note beside it.
    #[must_use]
    pub fn within(comment: &str) -> Option<Self> {
        comment.split_whitespace().find_map(Self::parse)
    }

    /// The text that goes into the comment.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::{Clock as _, Id, events::billing::ValidityStart, testing::Surroundings};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::{HotspotUserStatus, Marker, Place, Transition};
    use crate::testing::sample_user;

    fn every_transition() -> Vec<Transition> {
        let at = Surroundings::new().clock.now();
        vec![
            Transition::Activate { at, expires_at: None },
            Transition::Fail { reason: String::new() },
            Transition::Retry,
            Transition::Suspend,
            Transition::Resume,
            Transition::Expire { at },
            Transition::Revive { expires_at: at },
            Transition::Revoke,
        ]
    }

    #[test]
    fn the_legal_moves_are_these_and_no_others() {
        use HotspotUserStatus::{Active, Expired, Failed, Pending, Revoked, Suspended};
        let mut moves: Vec<_> = every_transition()
            .iter()
            .flat_map(|step| step.from().iter().map(|from| (*from, step.to())))
            .collect();
        moves.sort_by_key(|(from, to)| (from.as_str(), to.as_str()));
        assert_eq!(
            moves,
            [
                (Active, Expired),
                (Active, Revoked),
                (Active, Suspended),
                (Expired, Active),
                (Failed, Pending),
                (Failed, Revoked),
                (Pending, Active),
                (Pending, Failed),
                (Pending, Revoked),
                (Suspended, Active),
                (Suspended, Expired),
                (Suspended, Revoked),
            ]
        );
    }

    #[test]
    fn what_is_over_stays_over_unless_it_gets_more_time() {
        for step in every_transition() {
            let revives = matches!(step, Transition::Revive { .. });
            assert!(step.from().iter().all(|from| !from.is_over()) != revives, "{step:?}");
            assert!(!step.from().contains(&HotspotUserStatus::Revoked), "{step:?}");
        }
    }

    #[test]
    fn its_own_router_knows_it_by_its_status_and_no_other_router_knows_it() {
        let ambient = Surroundings::new().ambient();
        let mut user = sample_user(&ambient);
        for (status, place) in [
            (HotspotUserStatus::Pending, Place::Enabled),
            (HotspotUserStatus::Active, Place::Enabled),
            (HotspotUserStatus::Suspended, Place::Disabled),
            (HotspotUserStatus::Expired, Place::Absent),
            (HotspotUserStatus::Revoked, Place::Absent),
            (HotspotUserStatus::Failed, Place::Absent),
        ] {
            user.status = status;
            assert_eq!(user.place_on(user.router_id), place);
            assert_eq!(user.place_on(Id::generate(&ambient)), Place::Absent);
        }
    }

    #[test]
    fn stored_statuses_read_back() {
        for status in HotspotUserStatus::ALL {
            assert_eq!(HotspotUserStatus::parse(status.as_str()), Some(status));
        }
        assert_eq!(HotspotUserStatus::parse("gone"), None);
    }

    #[test]
    fn a_validity_from_creation_begins_when_the_credentials_work() {
        let around = Surroundings::new();
        let mut user = sample_user(&around.ambient());
        user.validity_minutes = 120;
        around.clock.advance(TimeDelta::hours(3));
        let begun = around.clock.now();
        assert_eq!(user.end_of_validity(begun), Some(begun + TimeDelta::hours(2)));
        assert_eq!(user.end_from_first_use(begun), None);
    }

    #[test]
    fn a_validity_from_first_use_has_no_end_before_it() {
        let around = Surroundings::new();
        let mut user = sample_user(&around.ambient());
        user.validity_minutes = 120;
        user.validity_start = ValidityStart::FirstUse;
        let at = around.clock.now();
        assert_eq!(user.end_of_validity(at), None);
        assert_eq!(user.end_from_first_use(at), Some(at + TimeDelta::hours(2)));
    }

    proptest! {
        #[test]
        fn markers_read_back(order: u128, number: u32) {
            let marker = Marker::of(Id::from_uuid(Uuid::from_u128(order)), number);
            prop_assert_eq!(Marker::parse(marker.as_str()), Some(marker));
        }

        #[test]
        fn other_comments_are_no_markers(comment in ".{0,60}") {
            prop_assert_eq!(Marker::parse(&comment), None);
        }
    }
}
