//! Whose orders were is forgotten, one order at a time.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Job, JobHandler, JobOutcome, JobSpec, Origin, Progress, Queue, StoreError, id::ids::OrderId};
use serde::{Deserialize, Serialize};

use crate::use_cases::Billing;

/// Forget whose an order was, as soon as that may be. It has no unique key on purpose: one that waits may have looked just
/// before something new came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetOrder {
    /// The order.
    pub order_id: OrderId,
}

impl JobSpec for ForgetOrder {
    const KIND: &'static str = "billing.forget_order";
    const QUEUE: Queue = Queue::Low;
}

/// Does [`ForgetOrder`].
pub(super) struct Forgetter(pub(super) Arc<Billing>);

#[async_trait]
impl JobHandler for Forgetter {
    fn kind(&self) -> &'static str {
        ForgetOrder::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let origin = Origin::system("billing").within(job.request_id.clone());
        let forgotten: Result<Progress, StoreError> = async {
            let spec: ForgetOrder = job.spec()?;
            self.0.forget_order(&origin, spec.order_id).await
        }
        .await;
        forgotten.into()
    }
}
