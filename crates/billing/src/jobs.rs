//! Billing's work in the background: every call to a gateway, and what callbacks mean.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    Job, JobHandler, JobOutcome, JobSpec, Origin, Progress, Queue, StoreError,
    id::ids::{CallbackId, PaymentId},
};
use serde::{Deserialize, Serialize};

mod forgetting;
mod refunds;
mod statements;

pub use forgetting::ForgetOrder;
pub use refunds::{CheckRefund, SubmitRefund};
pub use statements::{AgreeDay, JudgeStatementLines};

use crate::use_cases::{Billing, check_payment::Check};

/// Hand a payment to its gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitPayment {
    /// The payment.
    pub payment_id: PaymentId,
}

impl JobSpec for SubmitPayment {
    const KIND: &'static str = "billing.submit_payment";
    const QUEUE: Queue = Queue::Critical;
}

/// Find out what a kept callback means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessCallback {
    /// The callback.
    pub callback_id: CallbackId,
}

impl JobSpec for ProcessCallback {
    const KIND: &'static str = "billing.process_callback";
    const QUEUE: Queue = Queue::Critical;
}

/// Look after an open payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckPayment {
    /// The payment.
    pub payment_id: PaymentId,
}

impl JobSpec for CheckPayment {
    const KIND: &'static str = "billing.check_payment";
    const QUEUE: Queue = Queue::Default;
    const MAX_ATTEMPTS: u16 = 3;
}

/// Everything that does this domain's jobs.
#[must_use]
pub fn all(billing: &Arc<Billing>) -> Vec<Arc<dyn JobHandler>> {
    vec![
        Arc::new(Submitter(billing.clone())),
        Arc::new(CallbackProcessor(billing.clone())),
        Arc::new(Checker(billing.clone())),
        Arc::new(refunds::Payer(billing.clone())),
        Arc::new(refunds::Follower(billing.clone())),
        Arc::new(forgetting::Forgetter(billing.clone())),
        Arc::new(statements::LineJudge(billing.clone())),
        Arc::new(statements::Accountant(billing.clone())),
    ]
}

/// Does [`SubmitPayment`].
pub struct Submitter(Arc<Billing>);

/// Does [`ProcessCallback`].
pub struct CallbackProcessor(Arc<Billing>);

/// Does [`CheckPayment`].
pub struct Checker(Arc<Billing>);

#[async_trait]
impl JobHandler for Submitter {
    fn kind(&self) -> &'static str {
        SubmitPayment::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let origin = Origin::system("gateway").within(job.request_id.clone());
        let submitted: Result<Progress, StoreError> = async {
            let spec: SubmitPayment = job.spec()?;
            self.0.submit_payment(&origin, spec.payment_id).await
        }
        .await;
        submitted.into()
    }
}

#[async_trait]
impl JobHandler for CallbackProcessor {
    fn kind(&self) -> &'static str {
        ProcessCallback::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let origin = Origin::system("gateway").within(job.request_id.clone());
        let processed: Result<(), StoreError> = async {
            let spec: ProcessCallback = job.spec()?;
            self.0.process_callback(&origin, spec.callback_id).await
        }
        .await;
        processed.into()
    }
}

#[async_trait]
impl JobHandler for Checker {
    fn kind(&self) -> &'static str {
        CheckPayment::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let origin = Origin::system("reconciliation").within(job.request_id.clone());
        let checked: Result<Check, StoreError> = async {
            let spec: CheckPayment = job.spec()?;
            self.0.check_payment(&origin, spec.payment_id).await
        }
        .await;
        match checked {
            Ok(Check::Done) => JobOutcome::Done,
            // The payment's own next check comes anyway; a job that waits as well would ask twice.
            Ok(Check::Unreachable(why)) => {
                tracing::warn!(%why, "the gateway could not be asked");
                JobOutcome::Done
            }
            Ok(Check::AskAgain(why)) => JobOutcome::Waiting(why),
            Err(error) => JobOutcome::Failed(error.to_string()),
        }
    }
}
