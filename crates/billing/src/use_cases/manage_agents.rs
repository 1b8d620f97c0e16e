//! Making somebody an agent, changing their terms, and moving cash into and out of their wallet.

use kernel::{
    Currency, Id, IdempotencyKey, Money, Origin, StoreError,
    audit::AuditRecord,
    id::ids::{AgentTransferId, UserId},
};
use serde_json::json;

use super::{Billing, KeyReused, claimed};
use crate::{
    agent::{Agent, AgentStatus, AgentTerms, AgentTransfer},
    ledger::{Account, Posting},
};

/// Cash that goes into a wallet or comes out of it.
#[derive(Debug, Clone)]
pub struct MoveCash {
    /// Whose wallet.
    pub agent_id: UserId,
    /// How much goes in, or, below nothing, comes out.
    pub amount: Money,
    /// What staff say about it.
    pub note: String,
    /// The client's promise that a repeat is the same transfer.
    pub idempotency: Option<IdempotencyKey>,
}

/// Why cash was not moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveCashError {
    /// There is no such agent.
    #[error("there is no such agent")]
    NotFound,
    /// There is less in the wallet than is to come out.
    #[error("there is {0} in the wallet")]
    NotEnough(Money),
    /// The amount is nothing, or out of range.
    #[error("the amount cannot be moved")]
    Amount,
    /// The idempotency key was used for another transfer.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Makes somebody an agent on these terms, or gives an agent other terms. What they have sold keeps the share that
    /// it was sold with. Without a status they keep theirs, and whoever was no agent may sell.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_agent(
        &self,
        origin: &Origin,
        user_id: UserId,
        status: Option<AgentStatus>,
        terms: AgentTerms,
    ) -> Result<(), StoreError> {
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        let before = tx.hold_agent(user_id).await?.map(|agent| agent.status);
        let status = status.or(before).unwrap_or(AgentStatus::Active);
        let details = json!({ "status": status.as_str(), "terms": terms });
        tx.upsert_agent(&Agent { user_id, status, terms, created_at: now, updated_at: now }).await?;
        let record = AuditRecord::success(&self.ambient, origin, "agent", "set", format!("user:{user_id}"));
        tx.audit(record.with(details)).await?;
        tx.commit().await
    }

    /// Writes down that an agent has handed cash over, or was given some back. A repeat under the same idempotency key
    /// gives the first transfer's id.
    ///
    /// # Errors
    /// [`MoveCashError`].
    pub async fn move_cash(
        &self,
        origin: &Origin,
        command: MoveCash,
    ) -> Result<AgentTransferId, MoveCashError> {
        let id = Id::generate(&self.ambient);
        let mut tx = self.store.begin().await?;
        if let Some(earlier) =
            claimed::<_, MoveCashError>(tx.as_mut(), command.idempotency.as_ref(), id).await?
        {
            return Ok(earlier);
        }
        if tx.hold_agent(command.agent_id).await?.is_none() {
            return Err(MoveCashError::NotFound);
        }
        let currency: Currency = command.amount.currency();
        let available = tx.lock_available(Account::AgentWallet(command.agent_id), currency).await?;
        let left = available.checked_add(command.amount).map_err(|_| MoveCashError::Amount)?;
        if left.minor() < 0 {
            return Err(MoveCashError::NotEnough(available));
        }
        if command.amount.minor() == 0 {
            return Err(MoveCashError::Amount);
        }
        let transfer = AgentTransfer {
            id,
            agent_id: command.agent_id,
            amount: command.amount,
            note: command.note,
            at: self.ambient.now(),
        };
        tx.insert_transfer(&transfer).await?;
        let posting = Posting::transfer(&transfer).map_err(|_| MoveCashError::Amount)?;
        if !tx.post(&posting).await? {
            return Err(StoreError::Conflict(format!("transfer {id} was posted before")).into());
        }
        let name = format!("user:{}", transfer.agent_id);
        let record = AuditRecord::success(&self.ambient, origin, "agent", "move_cash", name);
        tx.audit(record.with(json!({ "amount": transfer.amount.to_string(), "note": transfer.note })))
            .await?;
        tx.commit().await?;
        Ok(id)
    }
}
