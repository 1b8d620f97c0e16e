//! Refunds on their way.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Job, JobHandler, JobOutcome, JobSpec, Origin, Progress, Queue, StoreError, id::ids::RefundId};
use serde::{Deserialize, Serialize};

use crate::use_cases::Billing;

/// Hand a refund to its gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitRefund {
    /// The refund.
    pub refund_id: RefundId,
}

impl JobSpec for SubmitRefund {
    const KIND: &'static str = "billing.submit_refund";
    const QUEUE: Queue = Queue::Critical;
}

/// Ask a gateway what became of a refund, until it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRefund {
    /// The refund.
    pub refund_id: RefundId,
}

impl JobSpec for CheckRefund {
    const KIND: &'static str = "billing.check_refund";
    const QUEUE: Queue = Queue::Default;
}

/// Does [`SubmitRefund`].
pub struct Payer(pub(super) Arc<Billing>);

/// Does [`CheckRefund`].
pub struct Follower(pub(super) Arc<Billing>);

#[async_trait]
impl JobHandler for Payer {
    fn kind(&self) -> &'static str {
        SubmitRefund::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let origin = Origin::system("gateway").within(job.request_id.clone());
        let submitted: Result<Progress, StoreError> = async {
            let spec: SubmitRefund = job.spec()?;
            self.0.submit_refund(&origin, spec.refund_id).await
        }
        .await;
        submitted.into()
    }
}

#[async_trait]
impl JobHandler for Follower {
    fn kind(&self) -> &'static str {
        CheckRefund::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let origin = Origin::system("gateway").within(job.request_id.clone());
        let checked: Result<Progress, StoreError> = async {
            let spec: CheckRefund = job.spec()?;
            self.0.check_refund(&origin, spec.refund_id).await
        }
        .await;
        checked.into()
    }
}
