//! Sealing the audit log, after the fact: a command that had to take the next place in the chain itself would
//! wait for every other command.

use kernel::StoreError;

use super::Identity;
use crate::audit_chain::ChainHead;

impl Identity {
    /// How many lines one transaction seals.
    pub const SEAL_BATCH: u32 = 500;

    /// Seals the next lines, at most [`Self::SEAL_BATCH`], and says how many. Of two that seal at once the second
    /// waits for the first and goes on behind it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seal_audit_log(&self) -> Result<u32, StoreError> {
        let mut tx = self.store.begin().await?;
        let mut head = tx.chain_head().await?;
        let mut sealed = 0;
        for entry in tx.unsealed(Self::SEAL_BATCH).await? {
            let seal = head.seal(&entry);
            if !tx.seal(entry.id, &seal).await? {
                return Err(StoreError::Conflict(format!("audit line {} was sealed meanwhile", entry.id)));
            }
            head = ChainHead::moved_to(&seal);
            sealed += 1;
        }
        if sealed > 0 {
            tx.move_chain_head(&head).await?;
            tx.commit().await?;
        }
        Ok(sealed)
    }
}
