//! Agents: people who sell for us, out of a wallet that they have filled before.

use kernel::{
    Money, Timestamp,
    id::ids::{AgentTransferId, OrderId, PackageId, SiteId, UserId, VoucherBatchId, VoucherReturnId},
    money::MoneyError,
};
use serde::{Deserialize, Serialize};

use crate::{
    basis_points::BasisPoints,
    ledger::{Account, Line},
    site::Place,
    voucher::VoucherBatch,
};

/// Whether an agent may sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentStatus {
    /// They may.
    Active,
    /// Not for now. What is in their wallet stays theirs.
    Suspended,
}

impl AgentStatus {
    /// The status as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// Reads a stored status.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Suspended].into_iter().find(|status| status.as_str() == text)
    }
}

/// A package that an agent may sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SellablePackage {
    /// The package.
    pub package_id: PackageId,
    /// The agent's share of its price, if it is another than usual.
    pub commission: Option<BasisPoints>,
}

/// What an agent may sell, where, and for which share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentTerms {
    /// The agent's usual share of a price.
    pub commission: BasisPoints,
    /// The packages that they may sell; any when it is not given.
    pub packages: Option<Vec<SellablePackage>>,
    /// The sites that they may sell for; any when it is not given.
    pub sites: Option<Vec<SiteId>>,
}

impl AgentTerms {
    /// The agent's share of a package's price; none if they may not sell it.
    #[must_use]
    pub fn commission_on(&self, package: PackageId) -> Option<BasisPoints> {
        match &self.packages {
            None => Some(self.commission),
            Some(packages) => {
                let listed = packages.iter().find(|listed| listed.package_id == package)?;
                Some(listed.commission.unwrap_or(self.commission))
            }
        }
    }

    /// Where what this agent sells is good, if not anywhere: where somebody has named, or else at the agent's only site.
    ///
    /// # Errors
    /// [`SiteProblem`].
    pub fn place(&self, named: Option<Place>) -> Result<Option<Place>, SiteProblem> {
        match (named, self.sites.as_deref()) {
            (Some(place), _) if self.cover(place.site_id) => Ok(Some(place)),
            (Some(_), _) | (None, Some([])) => Err(SiteProblem::NotAllowed),
            (None, Some([only])) => Ok(Some(Place { site_id: *only, router_id: None })),
            (None, Some(_)) => Err(SiteProblem::Which),
            (None, None) => Ok(None),
        }
    }

    /// Whether the agent may sell for a site.
    #[must_use]
    pub fn cover(&self, site: SiteId) -> bool {
        self.sites.as_ref().is_none_or(|sites| sites.contains(&site))
    }
}

/// Why an agent does not sell for a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SiteProblem {
    /// They may not.
    #[error("the agent may not sell for this site")]
    NotAllowed,
    /// They may for several, and nobody says for which.
    #[error("the agent sells for several sites, and none is named")]
    Which,
}

/// Somebody who sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Their account.
    pub user_id: UserId,
    /// Whether they may sell.
    pub status: AgentStatus,
    /// On which terms.
    pub terms: AgentTerms,
    /// Since when they are an agent.
    pub created_at: Timestamp,
    /// When the terms were last changed.
    pub updated_at: Timestamp,
}

/// What an agent has sold at once: its price and their share are fixed with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSale {
    /// The agent.
    pub agent_id: UserId,
    /// What was sold.
    pub what: Sold,
    /// What the customers pay the agent.
    pub price: Money,
    /// The agent's part of it.
    pub commission: Money,
    /// The share by which it was reckoned.
    pub share: BasisPoints,
    /// When.
    pub at: Timestamp,
}

/// What an agent sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sold {
    /// Credentials, over the counter.
    Order(OrderId),
    /// Vouchers, to be sold on.
    Vouchers(VoucherBatchId),
}

impl AgentSale {
    /// The lines of what an agent pays for some of what was sold together: out of the wallet, and with their share.
    ///
    /// # Errors
    /// [`MoneyError`] when an amount is out of range.
    pub fn paid_by(agent_id: UserId, price: Money, commission: Money) -> Result<[Line; 2], MoneyError> {
        let needed = price.checked_add(commission.checked_neg()?)?;
        Ok([
            Line { account: Account::AgentWallet(agent_id), amount: needed },
            Line { account: Account::AgentCommission, amount: commission },
        ])
    }
}

/// Vouchers that were taken back from the agent who had paid for them, because nobody can redeem them any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherReturn {
    /// Names it.
    pub id: VoucherReturnId,
    /// Their batch.
    pub batch_id: VoucherBatchId,
    /// How many they are.
    pub vouchers: u32,
    /// What they were to be sold for.
    pub price: Money,
    /// The agent's part of it.
    pub commission: Money,
    /// When.
    pub at: Timestamp,
}

impl VoucherReturn {
    /// Some vouchers of a batch that was sold to an agent.
    #[must_use]
    pub fn of(
        id: VoucherReturnId,
        batch: &VoucherBatch,
        sale: &AgentSale,
        vouchers: u32,
        at: Timestamp,
    ) -> Self {
        // Price and share were reckoned once for each.
        let part = |whole: Money| {
            let minor = whole.minor() / i64::from(batch.count.max(1)) * i64::from(vouchers);
            Money::from_minor(minor, whole.currency())
        };
        Self {
            id,
            batch_id: batch.id,
            vouchers,
            price: part(sale.price),
            commission: part(sale.commission),
            at,
        }
    }
}

/// Cash that was put into a wallet, or taken out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentTransfer {
    /// Names it.
    pub id: AgentTransferId,
    /// Whose wallet.
    pub agent_id: UserId,
    /// How much was put in; below nothing when it was taken out.
    pub amount: Money,
    /// What staff say about it, such as a receipt's number.
    pub note: String,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use kernel::Id;
    use uuid::Uuid;

    use super::{AgentTerms, SellablePackage, SiteProblem};
    use crate::{basis_points::BasisPoints, site::Place};

    fn share(points: u16) -> BasisPoints {
        BasisPoints::new(points).unwrap()
    }

    #[test]
    fn terms_say_what_may_be_sold_where() {
        let (one, other) = (Id::from_uuid(Uuid::from_u128(1)), Id::from_uuid(Uuid::from_u128(2)));
        let all = AgentTerms { commission: share(500), packages: None, sites: None };
        assert_eq!((all.commission_on(one), all.cover(Id::from_uuid(Uuid::nil()))), (Some(share(500)), true));
        let listed = |commission| Some(vec![SellablePackage { package_id: one, commission }]);
        let some = AgentTerms { packages: listed(Some(share(900))), sites: Some(Vec::new()), ..all.clone() };
        assert_eq!((some.commission_on(one), some.commission_on(other)), (Some(share(900)), None));
        assert!(!some.cover(Id::from_uuid(Uuid::nil())));
        let at = |number| Place { site_id: Id::from_uuid(Uuid::from_u128(number)), router_id: None };
        let only = |sites: &[u128]| {
            let sites = sites.iter().map(|number| at(*number).site_id).collect();
            AgentTerms { sites: Some(sites), ..all.clone() }
        };
        assert_eq!((all.place(None), all.place(Some(at(3)))), (Ok(None), Ok(Some(at(3)))));
        assert_eq!(only(&[1]).place(None), Ok(Some(at(1))));
        assert_eq!(only(&[1, 2]).place(Some(at(2))), Ok(Some(at(2))));
        assert_eq!(only(&[1, 2]).place(None), Err(SiteProblem::Which));
        for (sites, named) in [(&[1][..], Some(at(2))), (&[], None), (&[], Some(at(1)))] {
            assert_eq!(only(sites).place(named), Err(SiteProblem::NotAllowed));
        }
        let usual = AgentTerms { packages: listed(None), ..all };
        assert_eq!(usual.commission_on(one), Some(share(500)));
    }
}
