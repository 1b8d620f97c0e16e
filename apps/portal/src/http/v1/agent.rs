//! What an agent sees and sells.

use billing::{
    agent::AgentStatus,
    queries::agents::{
        AgentTotals, AgentView as Agent, Turnover, WalletEntry, WalletReason, WalletStatement,
    },
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::money::MoneyView;

pub mod print;
pub mod sales;
pub mod sell;
pub mod show;
pub mod statement;
pub mod taken;
pub mod vouchers;

/// An agent: terms, wallet, and what was sold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Agent)]
pub struct AgentView {
    /// The agent's account.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e97")]
    user_id: Uuid,
    /// Whether they may sell.
    status: AgentStatusWord,
    /// Their usual share of a price, in hundredths of a percent.
    #[schema(example = 1000, minimum = 0, maximum = 10000)]
    commission_basis_points: u16,
    /// The packages that they may sell; null for any.
    packages: Option<Vec<SellablePackageView>>,
    /// The sites that they may sell for; null for any.
    #[schema(example = json!(null))]
    sites: Option<Vec<Uuid>>,
    /// What is in their wallet, in every currency in which there was something.
    wallet: Vec<MoneyView>,
    /// What they have sold in all, and what was taken back, per currency.
    totals: Vec<AgentTotalsView>,
    /// Since when they are an agent.
    #[schema(example = "2026-01-17T12:00:00Z")]
    created_at: DateTime<Utc>,
}

/// A package that an agent may sell.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = SellablePackage)]
#[serde(deny_unknown_fields)]
pub struct SellablePackageView {
    /// The package.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e91")]
    pub user_profile_id: Uuid,
    /// The agent's share of its price, in hundredths of a percent; the usual one when it is null.
    #[serde(default)]
    #[schema(example = 1500, minimum = 0, maximum = 10000)]
    pub commission_basis_points: Option<u16>,
}

/// What an agent has sold in a time, and what was taken back of what they had sold, in one currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgentTotals)]
pub struct AgentTotalsView {
    /// How often they have sold.
    #[schema(example = 42)]
    sales: u64,
    /// What the customers paid.
    price: MoneyView,
    /// The agent's part of it.
    commission: MoneyView,
    /// What was refunded through the agent, and vouchers that were taken back from them.
    taken_back: TakenBackView,
}

/// What was taken back of what an agent had sold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TakenBack)]
pub struct TakenBackView {
    /// How often.
    #[schema(example = 1)]
    times: u64,
    /// At the prices that the customers had paid.
    price: MoneyView,
    /// The agent's part of it, which they have given back.
    commission: MoneyView,
}

/// Whether an agent may sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AgentStatus, example = "active")]
#[serde(rename_all = "snake_case")]
pub enum AgentStatusWord {
    /// They may.
    Active,
    /// Not for now.
    Suspended,
}

/// The history of a wallet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WalletStatement)]
pub struct WalletStatementView {
    /// What was in it before the first entry, in every currency in which there was something.
    before: Vec<MoneyView>,
    /// What went in and came out, oldest first.
    entries: Vec<WalletEntryView>,
    /// What was sold and taken back in that time, per currency.
    totals: Vec<AgentTotalsView>,
}

/// What went into a wallet, or came out of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WalletEntry)]
pub struct WalletEntryView {
    /// When.
    #[schema(example = "2026-01-17T12:00:00Z")]
    at: DateTime<Utc>,
    /// Why.
    kind: WalletEntryKind,
    /// The order's number, the package of the vouchers, or what staff said.
    #[schema(example = "ORD-20260117-000042")]
    about: String,
    /// How many vouchers were taken, or taken back; null otherwise.
    #[schema(example = json!(null))]
    vouchers: Option<u32>,
    /// The agent's part of the price; null for cash.
    commission: Option<MoneyView>,
    /// How much went in; below nothing when it came out.
    amount: MoneyView,
    /// What was in the wallet afterwards.
    left: MoneyView,
}

/// Why a wallet holds more or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = "sale")]
#[serde(rename_all = "snake_case")]
pub enum WalletEntryKind {
    /// Cash was handed over.
    TopUp,
    /// Cash was given back.
    Withdrawal,
    /// Something was sold over the counter.
    Sale,
    /// Vouchers were taken.
    Vouchers,
    /// What was sold was refunded: the agent gives the price to the customer.
    Refund,
    /// Vouchers were revoked and taken back.
    VouchersReturned,
}

impl From<Agent> for AgentView {
    fn from(Agent { agent, wallet, totals }: Agent) -> Self {
        let packages = agent.terms.packages.map(|packages| {
            let view = |package: billing::agent::SellablePackage| SellablePackageView {
                user_profile_id: package.package_id.as_uuid(),
                commission_basis_points: package.commission.map(|share| share.get()),
            };
            packages.into_iter().map(view).collect()
        });
        let sites = agent.terms.sites;
        Self {
            user_id: agent.user_id.as_uuid(),
            status: agent.status.into(),
            commission_basis_points: agent.terms.commission.get(),
            packages,
            sites: sites.map(|sites| sites.iter().map(|site| site.as_uuid()).collect()),
            wallet: wallet.into_iter().map(MoneyView::from).collect(),
            totals: totals.into_iter().map(AgentTotalsView::from).collect(),
            created_at: agent.created_at,
        }
    }
}

impl From<AgentTotals> for AgentTotalsView {
    fn from(totals: AgentTotals) -> Self {
        let AgentTotals { sold, taken_back } = totals;
        let Turnover { times, price, commission } = taken_back;
        Self {
            sales: sold.times,
            price: sold.price.into(),
            commission: sold.commission.into(),
            taken_back: TakenBackView { times, price: price.into(), commission: commission.into() },
        }
    }
}

impl From<AgentStatus> for AgentStatusWord {
    fn from(status: AgentStatus) -> Self {
        match status {
            AgentStatus::Active => Self::Active,
            AgentStatus::Suspended => Self::Suspended,
        }
    }
}

impl From<AgentStatusWord> for AgentStatus {
    fn from(word: AgentStatusWord) -> Self {
        match word {
            AgentStatusWord::Active => Self::Active,
            AgentStatusWord::Suspended => Self::Suspended,
        }
    }
}

impl From<WalletStatement> for WalletStatementView {
    fn from(statement: WalletStatement) -> Self {
        Self {
            before: statement.before.into_iter().map(MoneyView::from).collect(),
            entries: statement.entries.into_iter().map(WalletEntryView::from).collect(),
            totals: statement.totals.into_iter().map(AgentTotalsView::from).collect(),
        }
    }
}

impl From<(WalletEntry, kernel::Money)> for WalletEntryView {
    fn from((entry, left): (WalletEntry, kernel::Money)) -> Self {
        let kind = match &entry.reason {
            WalletReason::Cash(_) if entry.amount.minor() < 0 => WalletEntryKind::Withdrawal,
            WalletReason::Cash(_) => WalletEntryKind::TopUp,
            WalletReason::Sale(..) => WalletEntryKind::Sale,
            WalletReason::Vouchers(..) => WalletEntryKind::Vouchers,
            WalletReason::Refund(..) => WalletEntryKind::Refund,
            WalletReason::VouchersReturned(..) => WalletEntryKind::VouchersReturned,
        };
        let (about, vouchers, commission) = match entry.reason {
            WalletReason::Cash(note) => (note, None, None),
            WalletReason::Sale(number, commission) | WalletReason::Refund(number, commission) => {
                (number, None, Some(commission))
            }
            WalletReason::Vouchers(package, count, commission)
            | WalletReason::VouchersReturned(package, count, commission) => {
                (package, Some(count), Some(commission))
            }
        };
        Self {
            at: entry.at,
            kind,
            about,
            vouchers,
            commission: commission.map(MoneyView::from),
            amount: entry.amount.into(),
            left: left.into(),
        }
    }
}
