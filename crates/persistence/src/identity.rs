//! Identity, in the database: accounts, permissions of roles, sessions and their tokens, login failures, and the
//! seals of the audit log. `account_rows` and `commands` hold the transaction's part, `reads` the rest; one file per
//! table.

use async_trait::async_trait;
use identity::{IdentityStore, IdentityTx};
use kernel::StoreError;

use crate::Database;

mod access_tokens;
mod account_rows;
mod audit_chain_heads;
mod audit_lines;
mod commands;
mod login_failures;
mod login_sessions;
mod permissions;
mod reads;
mod refresh_tokens;
mod registration_counts;
mod role_permissions;
#[cfg(test)]
mod tests;
pub(crate) mod users;

#[async_trait]
impl IdentityStore for Database {
    async fn begin(&self) -> Result<Box<dyn IdentityTx>, StoreError> {
        Ok(Box::new(self.begin_tx().await?))
    }
}
