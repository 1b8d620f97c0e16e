//! What somebody may has changed while they are online: their open sessions follow.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::{Job, JobHandler, JobOutcome, JobSpec, Queue, RequestId, StoreError, id::ids::SubscriberId};
use serde::{Deserialize, Serialize};

use crate::{
    access_profile::{Exhaustion, Limits},
    enforcement::Wish,
    login_time::Window,
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
        let now = self.ambient.now();
        let window = limits.as_ref().and_then(|limits| limits.login_time.as_ref());
        let window = window.map_or(Window::Always, |times| times.window(now, self.settings.zone));
        let wanted = wanted(&subscriber, limits.as_ref(), window);
        let open = self.reads.open_radius_sessions_of(id).await?;
        // One transaction for each session, so that wishes for them are locked one at a time.
        for session in open {
            let mut tx = self.store.begin().await?;
            let wanted = until_the_end_of(window, wanted, now - session.started_at);
            self.want(&mut *tx, session.id, wanted, request_id.clone()).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// What is wanted of the open sessions of a subscriber with these limits.
fn wanted(subscriber: &Subscriber, limits: Option<&Limits>, window: Window) -> (Wish, Reason) {
    let Some(limits) = limits.filter(|_| subscriber.enabled && subscriber.archived_at.is_none()) else {
        return (Wish::End, Reason::Disabled);
    };
    let (rates, reason) = match (subscriber.quota_state, limits.exhaustion) {
        (QuotaState::Blocked { .. }, _) => return (Wish::End, Reason::Quota),
        _ if window == Window::Closed => return (Wish::End, Reason::Profile),
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

/// The same for a session of this age, which is to end with the permitted time.
fn until_the_end_of(window: Window, wanted: (Wish, Reason), age: TimeDelta) -> (Wish, Reason) {
    match (window, wanted) {
        (Window::Open(left), (Wish::Change(limits), reason)) => {
            let end = u32::try_from(age.num_seconds().max(0)).unwrap_or(u32::MAX).saturating_add(left);
            let longest = limits.session_timeout_seconds.unwrap_or(u32::MAX).min(end);
            (Wish::Change(LiveLimits { session_timeout_seconds: Some(longest), ..limits }), reason)
        }
        _ => wanted,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{LiveLimits, Reason, Window, Wish, until_the_end_of};

    #[test]
    fn a_session_ends_with_the_permitted_time_if_not_before() {
        let change = |session_timeout_seconds| {
            (Wish::Change(LiveLimits { rates: None, session_timeout_seconds }), Reason::Profile)
        };
        for (window, longest, wanted) in [
            (Window::Always, None, None),
            (Window::Always, Some(60), Some(60)),
            (Window::Open(600), None, Some(1_500)),
            (Window::Open(600), Some(3_600), Some(1_500)),
            (Window::Open(600), Some(1_000), Some(1_000)),
        ] {
            let found = until_the_end_of(window, change(longest), TimeDelta::minutes(15));
            assert_eq!(found, change(wanted), "{window:?} {longest:?}");
        }
    }
}
