//! It is forgotten who a subscriber was.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Job, JobHandler, JobOutcome, JobSpec, Queue, id::ids::SubscriberId};
use serde::{Deserialize, Serialize};

use crate::use_cases::Radius;

/// Forgets who a subscriber was, as soon as its last session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetSubscriber {
    /// The subscriber.
    pub subscriber_id: SubscriberId,
}

impl JobSpec for ForgetSubscriber {
    const KIND: &'static str = "radius.forget_subscriber";
    const QUEUE: Queue = Queue::Low;
}

/// Does [`ForgetSubscriber`].
#[derive(Debug)]
pub struct ForgetSubscriberHandler(pub Arc<Radius>);

#[async_trait]
impl JobHandler for ForgetSubscriberHandler {
    fn kind(&self) -> &'static str {
        ForgetSubscriber::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let spec: ForgetSubscriber = match job.spec() {
            Ok(spec) => spec,
            Err(error) => return JobOutcome::Hopeless(error.to_string()),
        };
        self.0.forget_subscriber(spec.subscriber_id).await.into()
    }
}
