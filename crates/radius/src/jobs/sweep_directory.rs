//! What would have been sent to those who may not sign in any more is removed, and so are the groups of profiles'
//! earlier versions.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use kernel::{Job, JobHandler, JobOutcome, JobSpec, NewJob, Queue, StoreError};
use serde::{Deserialize, Serialize};

use crate::{
    policy::compile,
    ports::RadiusTx,
    use_cases::{Radius, sweep_time},
};

/// Removes replies and group memberships of users that have nothing to be checked by, and groups in which nobody is or
/// will be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SweepDirectory {
    /// Groups that were found empty half a minute ago or longer. A server that found somebody in one has read all of its
    /// rows by now: those that are still empty may go.
    #[serde(default)]
    pub groups: BTreeSet<String>,
}

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

    async fn run(&self, job: &Job) -> JobOutcome {
        match job.spec::<SweepDirectory>() {
            Ok(spec) => self.0.sweep_directory(job, &spec).await.into(),
            Err(error) => JobOutcome::Hopeless(error.to_string()),
        }
    }
}

impl Radius {
    /// Has a worker sweep the directory.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn have_directory_swept(&self) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        tx.enqueue(NewJob::new(&self.ambient, &SweepDirectory::default(), None)?).await?;
        tx.commit().await
    }

    async fn sweep_directory(&self, job: &Job, spec: &SweepDirectory) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        let swept = tx.sweep_directory().await?;
        tx.commit().await?;
        // In a transaction of its own: whoever enables somebody holds the profile first and the rows then.
        let mut tx = self.store.begin().await?;
        let useless = self.useless_groups(&mut *tx).await?;
        let empty = &useless - &spec.groups;
        let gone: Vec<_> = useless.intersection(&spec.groups).map(String::as_str).collect();
        tx.delete_unused_groups(&gone).await?;
        if !empty.is_empty() {
            let later =
                NewJob::new(&self.ambient, &SweepDirectory { groups: empty }, job.request_id.clone())?;
            tx.enqueue(later.not_before(sweep_time(self.ambient.now()))).await?;
        }
        tx.commit().await?;
        tracing::debug!(swept, groups = gone.len(), "the directory was swept");
        Ok(())
    }

    /// The groups in which nobody is, and into which nobody can be put while this transaction holds the profiles.
    async fn useless_groups(&self, tx: &mut dyn RadiusTx) -> Result<BTreeSet<String>, StoreError> {
        if tx.unused_groups().await?.is_empty() {
            return Ok(BTreeSet::new());
        }
        let profiles = tx.lock_profiles().await?;
        // Somebody may have come into one before the profiles were held.
        let mut useless = tx.unused_groups().await?;
        for profile in &profiles {
            for group in compile::groups(profile, self.settings.tables.vendor) {
                useless.remove(group.name.as_str());
            }
        }
        Ok(useless)
    }
}
