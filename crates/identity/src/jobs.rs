//! Identity's scheduled work. Both jobs may run at any time, any number of times.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Job, JobHandler, JobOutcome, JobSpec, Queue, StoreError};
use serde::{Deserialize, Serialize};

use crate::use_cases::Identity;

/// Seals the lines of the audit log that were written since the last time.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct SealAuditLog {}

impl JobSpec for SealAuditLog {
    const KIND: &'static str = "identity.seal_audit_log";
    const QUEUE: Queue = Queue::Low;
}

/// Does [`SealAuditLog`].
pub struct SealAuditLogHandler(Arc<Identity>);

impl SealAuditLogHandler {
    /// A handler over identity's use cases.
    #[must_use]
    pub const fn new(identity: Arc<Identity>) -> Self {
        Self(identity)
    }

    async fn seal_all(&self) -> Result<(), StoreError> {
        while self.0.seal_audit_log().await? == Identity::SEAL_BATCH {}
        Ok(())
    }
}

#[async_trait]
impl JobHandler for SealAuditLogHandler {
    fn kind(&self) -> &'static str {
        SealAuditLog::KIND
    }

    async fn run(&self, _: &Job) -> JobOutcome {
        self.seal_all().await.into()
    }
}

/// Removes expired tokens and forgotten login failures.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct PruneTokens {}

impl JobSpec for PruneTokens {
    const KIND: &'static str = "identity.prune_tokens";
    const QUEUE: Queue = Queue::Low;
}

/// Does [`PruneTokens`].
pub struct PruneTokensHandler(Arc<Identity>);

impl PruneTokensHandler {
    /// A handler over identity's use cases.
    #[must_use]
    pub const fn new(identity: Arc<Identity>) -> Self {
        Self(identity)
    }
}

#[async_trait]
impl JobHandler for PruneTokensHandler {
    fn kind(&self) -> &'static str {
        PruneTokens::KIND
    }

    async fn run(&self, _: &Job) -> JobOutcome {
        match self.0.prune_tokens().await {
            Ok(removed) => {
                tracing::debug!(removed, "expired tokens are gone");
                JobOutcome::Done
            }
            Err(error) => JobOutcome::Failed(error.to_string()),
        }
    }
}
