//! Orders: what was sold, to whom, for how much. Frozen when placed.

use std::net::IpAddr;

use kernel::{
    Money, Timestamp,
    events::{Contact, billing::SoldPackage},
    id::ids::{OrderId, PackageId, RouterId, SiteId},
};

use crate::{basis_points::BasisPoints, unit::UnitStatus};

/// Where an order stands. It follows from its payments and units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// Placed, not paid.
    Pending,
    /// Paid in full; nothing has been made yet.
    Paid,
    /// The credentials are being made.
    Processing,
    /// Everything owed is ready.
    Completed,
    /// Some of what is owed could not be made.
    PartiallyCompleted,
    /// Nothing of what was owed could be made, or was made before it was not owed any more.
    Failed,
    /// Given up by the customer. A late payment brings it back.
    Cancelled,
    /// Not paid in time. A late payment brings it back.
    Expired,
    /// All that was paid for it has gone back, and nothing is owed any more.
    Refunded,
}

impl OrderStatus {
    /// Every status.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Paid,
        Self::Processing,
        Self::Completed,
        Self::PartiallyCompleted,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
        Self::Refunded,
    ];

    /// The statuses in which money that arrives pays the order.
    pub const UNPAID: [Self; 3] = [Self::Pending, Self::Cancelled, Self::Expired];

    /// The status as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::PartiallyCompleted => "partially_completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Refunded => "refunded",
        }
    }

    /// Reads a stored status.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// The one table of legal moves.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use OrderStatus::{
            Cancelled, Completed, Expired, Failed, Paid, PartiallyCompleted, Pending, Processing, Refunded,
        };
        match self {
            Pending => matches!(next, Paid | Cancelled | Expired),
            Cancelled | Expired => matches!(next, Paid),
            Paid => matches!(next, Processing | Completed | PartiallyCompleted | Failed | Refunded),
            Processing => matches!(next, Completed | PartiallyCompleted | Failed | Refunded),
            // A retry of what failed sets the order going again.
            PartiallyCompleted | Failed => {
                matches!(next, Processing | PartiallyCompleted | Completed | Refunded)
            }
            Completed => matches!(next, Refunded),
            Refunded => false,
        }
    }

    /// Whether the order has been paid.
    #[must_use]
    pub const fn is_paid(self) -> bool {
        !matches!(self, Self::Pending | Self::Cancelled | Self::Expired)
    }

    /// What a paid order's units make of it, those left out that are not owed any more. If none is owed, nothing was made: a
    /// failure, until all the money has gone back.
    #[must_use]
    pub fn of_units(units: &[UnitStatus]) -> Self {
        let count = |status| units.iter().filter(|unit| **unit == status).count();
        let owed = units.len() - count(UnitStatus::Withdrawn);
        let (active, failed) = (count(UnitStatus::Active), count(UnitStatus::Failed));
        if owed == 0 {
            Self::Failed
        } else if active == owed {
            Self::Completed
        } else if failed == owed {
            Self::Failed
        } else if active + failed == owed {
            Self::PartiallyCompleted
        } else if count(UnitStatus::Queued) == owed {
            Self::Paid
        } else {
            Self::Processing
        }
    }
}

/// How many sets of credentials one order may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity(u32);

impl Quantity {
    /// The most that one order may have.
    pub const MAX: u32 = 100;
    /// One.
    pub const ONE: Self = Self(1);

    /// A quantity from 1 to [`Quantity::MAX`].
    #[must_use]
    pub fn new(count: u32) -> Option<Self> {
        (1..=Self::MAX).contains(&count).then_some(Self(count))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Names it.
    pub id: OrderId,
    /// Its number for people, such as `ORD-20260117-000042`.
    pub number: String,
    /// Who ordered, as they were then.
    pub contact: Contact,
    /// Where the credentials will be used.
    pub site_id: SiteId,
    /// The router there, if it was to be a certain one.
    pub router_id: Option<RouterId>,
    /// Which package it was.
    pub package_id: PackageId,
    /// The package as it was then.
    pub package: SoldPackage,
    /// How many sets of credentials.
    pub quantity: Quantity,
    /// The price of one.
    pub unit_price: Money,
    /// The price of all.
    pub total: Money,
    /// The rate of the tax that the price includes, as it was then.
    pub tax_rate: BasisPoints,
    /// Where it stands.
    pub status: OrderStatus,
    /// Where it was placed from: the host's address, as [`kernel::ip_networks::host_of`] has it.
    pub ip: Option<IpAddr>,
    /// When it was placed.
    pub created_at: Timestamp,
    /// An unpaid order ends then.
    pub expires_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// When everything owed was ready.
    pub completed_at: Option<Timestamp>,
}

/// An order's number for people: the day and a number within the day.
#[must_use]
pub fn order_number(day: chrono::NaiveDate, within_day: i64) -> String {
    format!("ORD-{}-{within_day:06}", day.format("%Y%m%d"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{OrderStatus, Quantity, order_number};
    use crate::unit::UnitStatus;

    #[test]
    fn statuses_are_read_as_they_are_written() {
        assert!(OrderStatus::ALL.iter().all(|status| OrderStatus::parse(status.as_str()) == Some(*status)));
    }

    #[test]
    fn numbers_are_for_people() {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 17).unwrap();
        assert_eq!(order_number(day, 42), "ORD-20260117-000042");
    }

    #[test]
    fn quantities_are_bounded() {
        assert!(Quantity::new(0).is_none() && Quantity::new(101).is_none());
        assert_eq!(Quantity::new(100).map(Quantity::get), Some(100));
    }

    #[test]
    fn a_paid_order_never_becomes_unpaid() {
        for from in OrderStatus::ALL.into_iter().filter(|status| status.is_paid()) {
            for to in OrderStatus::ALL.into_iter().filter(|status| !status.is_paid()) {
                assert!(!from.may_become(to), "{from:?} to {to:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn units_only_lead_to_paid_statuses(units in prop::collection::vec(prop::sample::select(UnitStatus::ALL.to_vec()), 1..20)) {
            let owed: Vec<_> = units.iter().filter(|unit| **unit != UnitStatus::Withdrawn).collect();
            let status = OrderStatus::of_units(&units);
            prop_assert!(status.is_paid());
            let all_active = !owed.is_empty() && owed.iter().all(|unit| **unit == UnitStatus::Active);
            prop_assert_eq!(status == OrderStatus::Completed, all_active);
            prop_assert!(!owed.is_empty() || status == OrderStatus::Failed);
        }
    }
}
