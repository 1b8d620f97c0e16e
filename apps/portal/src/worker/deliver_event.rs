//! Tells one consumer of one event.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Consumer, Job, JobHandler, JobOutcome, JobSpec as _};
use persistence::{Database, events::DeliverEvent};

/// Does [`DeliverEvent`].
pub struct DeliverEventHandler {
    database: Database,
    consumers: Vec<Arc<dyn Consumer>>,
}

impl DeliverEventHandler {
    /// A handler that can tell these consumers.
    #[must_use]
    pub fn new(database: Database, consumers: Vec<Arc<dyn Consumer>>) -> Self {
        Self { database, consumers }
    }
}

#[async_trait]
impl JobHandler for DeliverEventHandler {
    fn kind(&self) -> &'static str {
        DeliverEvent::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let delivery: DeliverEvent = match job.spec() {
            Ok(delivery) => delivery,
            Err(error) => return JobOutcome::Hopeless(error.to_string()),
        };
        let Some(consumer) = self.consumers.iter().find(|consumer| consumer.name() == delivery.consumer)
        else {
            return JobOutcome::Hopeless(format!("there is no consumer {}", delivery.consumer));
        };
        match self.database.find_event(delivery.event_id).await {
            Err(error) => JobOutcome::Failed(error.to_string()),
            Ok(None) => JobOutcome::Hopeless(format!("there is no event {}", delivery.event_id)),
            Ok(Some(event)) => match consumer.consume(&event).await {
                Ok(()) => JobOutcome::Done,
                Err(error) => JobOutcome::Failed(error.to_string()),
            },
        }
    }
}
