//! Looking for a break in the audit log.

use kernel::StoreError;

use super::Identity;
use crate::audit_chain::{ChainBreak, ChainHead, ChainReport, ChainVerifier};

impl Identity {
    /// How many lines are read at a time.
    const VERIFY_BATCH: u32 = 500;

    /// Walks the whole chain and reports its first break. Lines that are sealed meanwhile are left for next time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verify_audit_log(&self) -> Result<ChainReport, StoreError> {
        let head = self.reads.chain_head().await?;
        let mut verifier = ChainVerifier::new();
        let broken = self.walk(&mut verifier, &head).await?.err();
        Ok(ChainReport { verified: verifier.reached(), broken })
    }

    async fn walk(
        &self,
        verifier: &mut ChainVerifier,
        head: &ChainHead,
    ) -> Result<Result<(), ChainBreak>, StoreError> {
        while verifier.reached() < head.sequence {
            let behind = verifier.reached();
            let entries = self.reads.sealed_entries(behind, Self::VERIFY_BATCH).await?;
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                if verifier.reached() == head.sequence {
                    break;
                }
                if let Err(broken) = verifier.step(&entry) {
                    return Ok(Err(broken));
                }
            }
        }
        Ok(verifier.finish(head))
    }
}
