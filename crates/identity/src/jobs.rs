//! Identity's work in the background: forgetting who had an account.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Job, JobHandler, JobOutcome, JobSpec, Progress, Queue, StoreError, id::ids::UserId};
use serde::{Deserialize, Serialize};

use crate::use_cases::Identity;

/// Takes whoever had an account out of what was told of it. The account's own row goes with the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetUser {
    /// The account that was.
    pub user_id: UserId,
}

impl JobSpec for ForgetUser {
    const KIND: &'static str = "identity.forget_user";
    const QUEUE: Queue = Queue::Low;
}

/// Does [`ForgetUser`].
pub struct ForgetUserHandler(Arc<Identity>);

/// Everything that does this domain's jobs.
#[must_use]
pub fn all(identity: &Arc<Identity>) -> Vec<Arc<dyn JobHandler>> {
    vec![Arc::new(ForgetUserHandler(identity.clone()))]
}

#[async_trait]
impl JobHandler for ForgetUserHandler {
    fn kind(&self) -> &'static str {
        ForgetUser::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let forgotten: Result<Progress, StoreError> = async {
            let spec: ForgetUser = job.spec()?;
            self.0.forget_user(spec.user_id).await
        }
        .await;
        forgotten.into()
    }
}
