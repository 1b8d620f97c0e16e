//! What would have been sent to those who may not sign in any more is removed.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Job, JobHandler, JobOutcome, JobSpec, Queue, StoreError};
use serde::{Deserialize, Serialize};

use crate::use_cases::Radius;

/// Removes replies and group memberships of users that have nothing to be checked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepDirectory {}

impl JobSpec for SweepDirectory {
    const KIND: &'static str = "radius.sweep_directory";
    const QUEUE: Queue = Queue::Low;
}

/// Does [`SweepDirectory`].
#[derive(Debug)]
pub struct SweepDirectoryHandler(pub Arc<Radius>);

#[async_trait]
impl JobHandler for SweepDirectoryHandler {
    fn kind(&self) -> &'static str {
        SweepDirectory::KIND
    }

    async fn run(&self, _: &Job) -> JobOutcome {
        self.0.sweep_directory().await.into()
    }
}

impl Radius {
    async fn sweep_directory(&self) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        let swept = tx.sweep_directory().await?;
        tx.commit().await?;
        tracing::debug!(swept, "the directory was swept");
        Ok(())
    }
}
