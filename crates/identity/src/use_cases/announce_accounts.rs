//! Telling of accounts that were made before there was anybody to be told.

use kernel::{Origin, StoreError};

use super::Identity;

/// How many accounts are told of in one transaction.
const AT_ONCE: u32 = 200;

impl Identity {
    /// Tells of every account that nobody has been told of, and says how many there were. Run at every start; once
    /// they are told of, there is nothing to do.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn announce_accounts(&self, origin: &Origin) -> Result<u64, StoreError> {
        let mut told = 0;
        loop {
            let mut tx = self.store.begin().await?;
            let users = tx.unannounced(AT_ONCE).await?;
            if users.is_empty() {
                return Ok(told);
            }
            for user in &users {
                self.tell_registered(tx.as_mut(), user, None, false, origin).await?;
                tx.mark_announced(user).await?;
                told += 1;
            }
            tx.commit().await?;
        }
    }
}
