//! Lists and details of agents, for themselves and for staff.

use std::collections::BTreeMap;

use kernel::{Currency, Money, Page, PageRequest, StoreError, Timestamp, id::ids::UserId};

use super::{OrderDetails, Scope};
use crate::{
    agent::{Agent, AgentStatus},
    ledger::Account,
    use_cases::Billing,
};

/// What an agent has sold in a time, and what was taken back of what they had sold, in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentTotals {
    /// What they have sold.
    pub sold: Turnover,
    /// What was refunded to their customers, and vouchers that were taken back from them.
    pub taken_back: Turnover,
}

/// How much was sold or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turnover {
    /// How often.
    pub times: u64,
    /// For how much.
    pub price: Money,
    /// The agent's part of it.
    pub commission: Money,
}

impl Turnover {
    /// Nothing, in a currency.
    #[must_use]
    pub const fn none(currency: Currency) -> Self {
        Self { times: 0, price: Money::zero(currency), commission: Money::zero(currency) }
    }
}

/// An agent, with what is in their wallet and what they have sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentView {
    /// The agent.
    pub agent: Agent,
    /// What is in their wallet, in every currency in which there was something.
    pub wallet: Vec<Money>,
    /// What they have sold in all, and what was taken back.
    pub totals: Vec<AgentTotals>,
}

/// Which part of a wallet's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalletFilter {
    /// Whose wallet.
    pub agent_id: UserId,
    /// At this moment or later.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
}

/// Why a wallet holds more or less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WalletReason {
    /// Cash was handed over, or given back: what staff say about it.
    Cash(String),
    /// Something was sold over the counter: the order's number, and the agent's part of the price.
    Sale(String, Money),
    /// What was sold was refunded: the order's number, and the agent's part of what went back.
    Refund(String, Money),
    /// Vouchers were taken back: for which package, how many, and the agent's part of the price.
    VouchersReturned(String, u32, Money),
    /// Vouchers were taken: for which package, how many, and the agent's part of the price.
    Vouchers(String, u32, Money),
}

/// What went into a wallet, or came out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletEntry {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: WalletReason,
    /// How much went in; below nothing when it came out.
    pub amount: Money,
}

/// A wallet's history, with what was in it before and after each entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletStatement {
    /// What was in it before the first entry, in every currency in which there was something.
    pub before: Vec<Money>,
    /// Each entry with what was in it afterwards, in the entry's currency.
    pub entries: Vec<(WalletEntry, Money)>,
    /// What was sold and taken back in that time.
    pub totals: Vec<AgentTotals>,
}

impl Billing {
    /// Agents, or those with a status, with what is in their wallets and what they have sold.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn agents(
        &self,
        status: Option<AgentStatus>,
        page: PageRequest,
    ) -> Result<Page<AgentView>, StoreError> {
        let Page { items, request, total } = self.reads.agents(status, page).await?;
        let mut views = Vec::with_capacity(items.len());
        for agent in items {
            views.push(self.view_of(agent).await?);
        }
        Ok(Page { items: views, request, total })
    }

    /// One agent, with what is in their wallet and what they have sold.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn agent(&self, id: UserId) -> Result<Option<AgentView>, StoreError> {
        match self.reads.agent(id).await? {
            Some(agent) => Ok(Some(self.view_of(agent).await?)),
            None => Ok(None),
        }
    }

    /// What an agent has sold over the counter, by the order's id or number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sold_order(
        &self,
        agent: UserId,
        id_or_number: &str,
    ) -> Result<Option<OrderDetails>, StoreError> {
        let Some(details) = self.order(Scope::All, id_or_number).await? else {
            return Ok(None);
        };
        let seller = self.reads.seller_of(details.order.id).await?;
        Ok((seller == Some(agent)).then_some(details))
    }

    async fn view_of(&self, agent: Agent) -> Result<AgentView, StoreError> {
        let wallet = self.reads.available(Account::AgentWallet(agent.user_id)).await?;
        let always = WalletFilter { agent_id: agent.user_id, from: None, to: None };
        Ok(AgentView { agent, wallet, totals: self.reads.agent_totals(&always).await? })
    }

    /// A wallet's history, oldest first; none if it is longer than `most`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn wallet_statement(
        &self,
        filter: &WalletFilter,
        most: u64,
    ) -> Result<Option<WalletStatement>, StoreError> {
        let before = match filter.from {
            Some(from) => self.reads.wallet_before(filter.agent_id, from).await?,
            None => Vec::new(),
        };
        let entries = self.reads.wallet_entries(filter, most.saturating_add(1)).await?;
        if u64::try_from(entries.len()).unwrap_or(u64::MAX) > most {
            return Ok(None);
        }
        let mut running: BTreeMap<&'static str, Money> =
            before.iter().map(|money| (money.currency().code(), *money)).collect();
        let mut told = Vec::with_capacity(entries.len());
        for entry in entries {
            let currency = entry.amount.currency();
            let left = running.entry(currency.code()).or_insert_with(|| Money::zero(currency));
            *left = left.checked_add(entry.amount).map_err(StoreError::corrupt)?;
            told.push((entry, *left));
        }
        let totals = self.reads.agent_totals(filter).await?;
        Ok(Some(WalletStatement { before, entries: told, totals }))
    }
}
