//! What servers have written down of sessions is taken in. The clock causes it every minute; whoever knows that there
//! is something enqueues it sooner.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Ambient, Job, JobHandler, JobOutcome, JobSpec, NewJob, Queue, StoreError};
use serde::{Deserialize, Serialize};

use crate::use_cases::Radius;

/// Takes in what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestAccounting {}

impl JobSpec for IngestAccounting {
    const KIND: &'static str = "radius.ingest_accounting";
    const QUEUE: Queue = Queue::High;
}

impl IngestAccounting {
    /// The job, of which one is enough.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn job(ambient: &Ambient) -> Result<NewJob, StoreError> {
        Ok(NewJob::new(ambient, &Self {}, None)?.unique(Self::KIND))
    }
}

/// Does [`IngestAccounting`].
#[derive(Debug)]
pub struct IngestAccountingHandler(pub Arc<Radius>);

#[async_trait]
impl JobHandler for IngestAccountingHandler {
    fn kind(&self) -> &'static str {
        IngestAccounting::KIND
    }

    async fn run(&self, _job: &Job) -> JobOutcome {
        match self.0.ingest_accounting().await {
            Ok(0) => JobOutcome::Done,
            // There may be more, or something may have come after the last look, of which nobody tells again.
            Ok(_) => JobOutcome::Again,
            Err(error) => JobOutcome::Failed(error.to_string()),
        }
    }
}

impl Radius {
    /// Has a worker take in what servers have written down.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn have_accounting_ingested(&self) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        tx.enqueue(IngestAccounting::job(&self.ambient)?).await?;
        tx.commit().await
    }
}
