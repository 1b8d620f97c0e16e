//! What somebody may has changed while they are online: their open sessions follow.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Job, JobHandler, JobOutcome, JobSpec, Queue, RequestId, StoreError, id::ids::SubscriberId};
use serde::{Deserialize, Serialize};

use crate::{
    access_profile::{Exhaustion, Limits},
    enforcement::Wish,
    ports::nas::{LiveLimits, LiveRates},
    subscriber::{QuotaState, Subscriber},
    use_cases::{Radius, Reason},
};

/// Makes the open sessions of a subscriber agree with what it may: whoever may not sign in any more is put out, whoever
/// may goes on with the rates that a new session would have. It may be enqueued for whatever was changed, and run in
/// any order and as often as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnforceSubscriber {
    /// The subscriber.
    pub subscriber_id: SubscriberId,
}

impl JobSpec for EnforceSubscriber {
    const KIND: &'static str = "radius.enforce_subscriber";
    const QUEUE: Queue = Queue::High;
}

/// Does [`EnforceSubscriber`].
#[derive(Debug)]
pub struct EnforceSubscriberHandler(pub Arc<Radius>);

#[async_trait]
impl JobHandler for EnforceSubscriberHandler {
    fn kind(&self) -> &'static str {
        EnforceSubscriber::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        match job.spec::<EnforceSubscriber>() {
            Ok(spec) => self.0.enforce_subscriber(spec.subscriber_id, job.request_id.clone()).await.into(),
            Err(error) => JobOutcome::Hopeless(error.to_string()),
        }
    }
}

impl Radius {
    async fn enforce_subscriber(
        &self,
        id: SubscriberId,
        request_id: Option<RequestId>,
    ) -> Result<(), StoreError> {
        let Some(subscriber) = self.reads.find_subscriber(id).await? else { return Ok(()) };
        let limits = self.limits_of(&subscriber).await?;
        let wanted = wanted(&subscriber, limits.as_ref());
        let open = self.reads.open_radius_sessions_of(id).await?;
        // One transaction for each session, so that wishes for them are locked one at a time.
        for session in open {
            let mut tx = self.store.begin().await?;
            self.want(&mut *tx, session.id, wanted, request_id.clone()).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// What is wanted of the open sessions of a subscriber with these limits.
fn wanted(subscriber: &Subscriber, limits: Option<&Limits>) -> (Wish, Reason) {
    let Some(limits) = limits.filter(|_| subscriber.enabled && subscriber.archived_at.is_none()) else {
        return (Wish::End, Reason::Disabled);
    };
    let (rates, reason) = match (subscriber.quota_state, limits.exhaustion) {
        (QuotaState::Blocked { .. }, _) => return (Wish::End, Reason::Quota),
        (QuotaState::Throttled { .. }, Exhaustion::Throttle { upload_kbps, download_kbps }) => {
            (LiveRates { upload_kbps: Some(upload_kbps), download_kbps: Some(download_kbps) }, Reason::Quota)
        }
        (QuotaState::Open | QuotaState::Throttled { .. }, _) => {
            let Limits { upload_kbps, download_kbps, .. } = *limits;
            (LiveRates { upload_kbps, download_kbps }, Reason::Profile)
        }
    };
    let session_timeout_seconds = limits.session_timeout_seconds;
    (Wish::Change(LiveLimits { rates: Some(rates), session_timeout_seconds }), reason)
}
