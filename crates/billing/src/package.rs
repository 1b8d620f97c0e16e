//! Packages: what is for sale.

use kernel::{
    AccessPolicy, Money, Timestamp,
    events::billing::{SoldPackage, Target, ValidityStart},
    id::ids::PackageId,
};

use crate::site::Place;

/// Whether customers can order a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageStatus {
    /// On sale.
    Active,
    /// Kept for the record, no longer on sale.
    Retired,
}

impl PackageStatus {
    /// The status as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// Reads a stored status.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Retired].into_iter().find(|status| status.as_str() == text)
    }
}

/// Something for sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Names it.
    pub id: PackageId,
    /// What it is and costs.
    pub offer: Offer,
    /// Whether it is on sale.
    pub status: PackageStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What an operator decides about a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// A short name, such as `2H`; unique.
    pub name: String,
    /// More about it, for customers.
    pub description: String,
    /// The price of one set of credentials.
    pub price: Money,
    /// How long the credentials are good for, in minutes.
    pub validity_minutes: u32,
    /// When that time begins.
    pub validity_start: ValidityStart,
    /// Where the credentials are enforced.
    pub target: Target,
    /// What the credentials allow.
    pub policy: AccessPolicy,
    /// Whether the credentials stick to the first device.
    pub mac_binding: bool,
    /// Its place in the list, lowest first.
    pub display_order: i32,
    /// Where the credentials are to be used, unless the order says otherwise; anywhere when it is not given.
    pub place: Option<Place>,
}

/// What is wrong with an offer: the field and a stable word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct OfferProblem {
    /// The field at fault.
    pub field: &'static str,
    /// One English sentence.
    pub problem: &'static str,
}

impl Offer {
    /// The longest validity: five years, in minutes.
    pub const MAX_VALIDITY_MINUTES: u32 = 5 * 366 * 24 * 60;

    /// Checks the offer's own rules.
    ///
    /// # Errors
    /// The first [`OfferProblem`].
    pub fn check(&self) -> Result<(), OfferProblem> {
        let refuse = |field, problem| Err(OfferProblem { field, problem });
        if self.name.trim().is_empty() || self.name.chars().count() > 60 {
            return refuse("name", "must have 1 to 60 characters");
        }
        if self.description.chars().count() > 500 {
            return refuse("description", "must have at most 500 characters");
        }
        if self.price.minor() <= 0 {
            return refuse("price.amount", "must be more than zero");
        }
        if self.target == Target::Radius && self.place.is_some_and(|place| place.router_id.is_some()) {
            return refuse("router_id", "does not go with radius: no router has the credentials");
        }
        if self.mac_binding {
            // Nothing learns the first device of a set of credentials yet.
            return refuse("mac_binding", "is not available yet");
        }
        if !(1..=Self::MAX_VALIDITY_MINUTES).contains(&self.validity_minutes) {
            return refuse("validity_minutes", "must be between 1 and 2635200");
        }
        Ok(())
    }

    /// The offer as it goes into an order, where later changes do not reach it.
    #[must_use]
    pub fn sold(&self) -> SoldPackage {
        SoldPackage {
            name: self.name.clone(),
            validity_minutes: self.validity_minutes,
            validity_start: self.validity_start,
            target: self.target,
            policy: self.policy.clone(),
        }
    }
}
