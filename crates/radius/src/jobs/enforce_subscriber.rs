//! What somebody may has changed while they are online: their open sessions follow.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::{
    Job, JobHandler, JobOutcome, JobSpec, Queue, RequestId, StoreError, Timestamp, id::ids::SubscriberId,
};
use serde::{Deserialize, Serialize};

use crate::{
    access_profile::{Exhaustion, Limits},
    enforcement::Wish,
    login_time::Window,
    policy::{compile, vendor::Rates},
    ports::nas::{LiveLimits, LiveRates},
    subscriber::{QuotaState, Subscriber},
    use_cases::{Radius, Reason},
};

/// Makes the open sessions of a subscriber agree with what it may: whoever may not sign in any more is put out, whoever
/// may goes on with the rates and for the time that a new session would have. It may be enqueued for whatever was
/// changed, and run in any order and as often as it likes.
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
        let now = self.ambient.now();
        let times = limits.as_ref().and_then(|limits| limits.login_time.as_ref());
        let window = times.map_or(Window::Always, |times| times.window(now, self.settings.zone));
        let open = self.reads.open_radius_sessions_of(id).await?;
        // One transaction for each session, so that wishes for them are locked one at a time.
        for session in open {
            let wanted = wanted(&subscriber, limits.as_ref(), session.started_at);
            let wanted = within(window, wanted, now - session.started_at);
            let mut tx = self.store.begin().await?;
            self.want(&mut *tx, session.id, wanted, request_id.clone()).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// What is wanted of a session that began at this moment, of a subscriber with these limits. One that goes on gets what a
/// new one would be told.
fn wanted(subscriber: &Subscriber, limits: Option<&Limits>, began: Timestamp) -> (Wish, Reason) {
    let Some(limits) = limits.filter(|_| subscriber.enabled && subscriber.archived_at.is_none()) else {
        return (Wish::End, Reason::Disabled);
    };
    let (throttled, reason) = match (subscriber.quota_state, limits.exhaustion) {
        (QuotaState::Blocked { .. }, _) => return (Wish::End, Reason::Quota),
        (QuotaState::Throttled { .. }, Exhaustion::Throttle { .. }) => (true, Reason::Quota),
        (QuotaState::Open | QuotaState::Throttled { .. }, _) => (false, Reason::Profile),
    };
    let Rates { up, down } = compile::rates(limits, throttled);
    // The NAS counts from the session's beginning, and not beyond the end of the access.
    let until_end = subscriber.expires_at.map(|end| (end - began).num_seconds().max(1));
    let until_end = until_end.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(u32::MAX);
    let live = LiveLimits {
        rates: Some(LiveRates { upload_kbps: up, download_kbps: down }),
        session_timeout_seconds: Some(compile::longest_session(limits).min(until_end)),
    };
    (Wish::Change(live), reason)
}

/// The same for a session of this age, which may go on within the times at which its owner may sign in.
fn within(window: Window, wanted: (Wish, Reason), age: TimeDelta) -> (Wish, Reason) {
    match (window, wanted) {
        (Window::Closed, (Wish::Change(_), _)) => (Wish::End, Reason::Profile),
        (Window::Open(left), (Wish::Change(limits), reason)) => {
            let end = u32::try_from(age.num_seconds().max(0)).unwrap_or(u32::MAX).saturating_add(left);
            let longest = limits.session_timeout_seconds.unwrap_or(u32::MAX).min(end);
            (Wish::Change(LiveLimits { session_timeout_seconds: Some(longest), ..limits }), reason)
        }
        (_, wanted) => wanted,
    }
}

#[cfg(test)]
mod tests;
