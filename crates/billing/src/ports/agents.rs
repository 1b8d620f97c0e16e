//! Where agents and what they sell are kept, and how they are listed.

use async_trait::async_trait;
use kernel::{
    Money, Page, PageRequest, StoreError, Timestamp,
    id::ids::{OrderId, UserId},
};

use crate::{
    agent::{Agent, AgentSale, AgentStatus, AgentTransfer, Sold, VoucherReturn},
    queries::agents::{AgentTotals, WalletEntry, WalletFilter},
};

/// Agents, their sales, and cash to and from their wallets.
#[async_trait]
pub trait AgentRows: Send {
    /// Adds an agent, or gives one another status and other terms.
    async fn upsert_agent(&mut self, agent: &Agent) -> Result<(), StoreError>;
    /// An agent, whom nobody changes until the end.
    async fn hold_agent(&mut self, id: UserId) -> Result<Option<Agent>, StoreError>;
    /// Adds a sale.
    async fn insert_sale(&mut self, sale: &AgentSale) -> Result<(), StoreError>;
    /// The sale by which an agent has sold something, if one has.
    async fn sale_of(&mut self, what: Sold) -> Result<Option<AgentSale>, StoreError>;
    /// Adds vouchers that were taken back.
    async fn insert_return(&mut self, returned: &VoucherReturn) -> Result<(), StoreError>;
    /// Adds a transfer.
    async fn insert_transfer(&mut self, transfer: &AgentTransfer) -> Result<(), StoreError>;
}

/// Lists and details of agents, straight from the database.
#[async_trait]
pub trait AgentReads: Send + Sync {
    /// Agents, or those with a status, the latest first.
    async fn agents(&self, status: Option<AgentStatus>, page: PageRequest)
    -> Result<Page<Agent>, StoreError>;
    /// One agent.
    async fn agent(&self, id: UserId) -> Result<Option<Agent>, StoreError>;
    /// What an agent has sold in a time and what was taken back, per currency.
    async fn agent_totals(&self, filter: &WalletFilter) -> Result<Vec<AgentTotals>, StoreError>;
    /// The agent who has sold an order, if one has.
    async fn seller_of(&self, order: OrderId) -> Result<Option<UserId>, StoreError>;
    /// What was in a wallet before a moment, per currency.
    async fn wallet_before(&self, id: UserId, moment: Timestamp) -> Result<Vec<Money>, StoreError>;
    /// What went into a wallet and came out of it, oldest first, at most `limit`.
    async fn wallet_entries(&self, filter: &WalletFilter, limit: u64)
    -> Result<Vec<WalletEntry>, StoreError>;
}
