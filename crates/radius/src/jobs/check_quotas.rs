//! Somebody has used something, or a period is over: what their quotas have come to follows.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Job, JobHandler, JobOutcome, JobSpec, Queue, StoreError, id::ids::SubscriberId};
use serde::{Deserialize, Serialize};

use crate::use_cases::Radius;

/// Looks at what some subscribers have used of their quotas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckQuotas {
    /// The subscribers.
    pub subscribers: Vec<SubscriberId>,
}

impl JobSpec for CheckQuotas {
    const KIND: &'static str = "radius.check_quotas";
    const QUEUE: Queue = Queue::High;
}

/// Does [`CheckQuotas`].
#[derive(Debug)]
pub struct CheckQuotasHandler(pub Arc<Radius>);

#[async_trait]
impl JobHandler for CheckQuotasHandler {
    fn kind(&self) -> &'static str {
        CheckQuotas::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let spec = match job.spec::<CheckQuotas>() {
            Ok(spec) => spec,
            Err(error) => return JobOutcome::Hopeless(error.to_string()),
        };
        let checked: Result<(), StoreError> = self.0.check_quotas(&spec.subscribers).await.map(drop);
        checked.into()
    }
}
