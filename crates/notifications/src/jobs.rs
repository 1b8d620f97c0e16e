//! The one piece of outside work: sending a delivery. And forgetting what was sent.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Job, JobHandler, JobOutcome, JobSpec, Origin, Queue, id::ids::DeliveryId};
use serde::{Deserialize, Serialize};

use crate::{
    ports::Whose,
    use_cases::{
        Notifications,
        send_delivery::{SendCommand, SendDeliveryError, SendProgress},
    },
};

/// Sends one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendDelivery {
    /// The delivery.
    pub delivery_id: DeliveryId,
}

impl SendDelivery {
    /// The key by which a delivery has one job at a time.
    #[must_use]
    pub fn unique_key(&self) -> String {
        format!("{}:{}", Self::KIND, self.delivery_id)
    }
}

impl JobSpec for SendDelivery {
    const KIND: &'static str = "notifications.send_delivery";
    const QUEUE: Queue = Queue::High;
}

/// Deletes somebody's messages, as soon as none is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetMessages {
    /// Whose.
    pub whose: Whose,
}

impl JobSpec for ForgetMessages {
    const KIND: &'static str = "notifications.forget_messages";
    const QUEUE: Queue = Queue::Low;
}

/// Does [`SendDelivery`].
pub struct SendDeliveryHandler(Arc<Notifications>);

/// Does [`ForgetMessages`].
pub struct ForgetMessagesHandler(Arc<Notifications>);

/// Every job handler of this domain.
#[must_use]
pub fn all(notifications: &Arc<Notifications>) -> Vec<Arc<dyn JobHandler>> {
    vec![
        Arc::new(SendDeliveryHandler(notifications.clone())),
        Arc::new(ForgetMessagesHandler(notifications.clone())),
    ]
}

#[async_trait]
impl JobHandler for SendDeliveryHandler {
    fn kind(&self) -> &'static str {
        SendDelivery::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let spec: SendDelivery = match job.spec() {
            Ok(spec) => spec,
            Err(error) => return JobOutcome::Hopeless(error.to_string()),
        };
        let command = SendCommand { delivery_id: spec.delivery_id, last: job.attempt >= job.max_attempts };
        let origin = Origin::system("notifications").within(job.request_id.clone());
        match self.0.send_delivery(command, &origin).await {
            // A delivery that is given up has raised its alert: there is nothing to replay in the job.
            Ok(SendProgress::Sent | SendProgress::NothingToDo | SendProgress::GivenUp) => JobOutcome::Done,
            Ok(SendProgress::Waits(reason)) => JobOutcome::Waiting(reason),
            Ok(SendProgress::Refused(reason)) => JobOutcome::Failed(reason),
            Err(SendDeliveryError::Store(error)) => JobOutcome::Failed(error.to_string()),
            Err(error @ SendDeliveryError::NotFound(_)) => JobOutcome::Hopeless(error.to_string()),
        }
    }
}

#[async_trait]
impl JobHandler for ForgetMessagesHandler {
    fn kind(&self) -> &'static str {
        ForgetMessages::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let spec: ForgetMessages = match job.spec() {
            Ok(spec) => spec,
            Err(error) => return JobOutcome::Hopeless(error.to_string()),
        };
        let origin = Origin::system("notifications").within(job.request_id.clone());
        self.0.forget_messages(&origin, spec.whose).await.into()
    }
}
