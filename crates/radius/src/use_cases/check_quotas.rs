//! What somebody has used is held against what they may use: of what they are told, and what becomes of their access.

use std::collections::BTreeSet;

use kernel::{
    Event, Origin, StoreError,
    events::radius::{QuotaStateChanged, UsageThresholdReached},
    id::ids::SubscriberId,
};

use super::Radius;
use crate::{
    access_profile::{Exhaustion, Limits},
    ports::RadiusTx,
    quota::{Warning, state, warnings},
    subscriber::{Period, QuotaState, Source, Subscriber},
    usage::Calendar,
};

/// How many subscribers are asked for at once in a walk through all of them.
const STEP: u64 = 500;

/// How many are looked at in one transaction.
const TOGETHER: usize = 100;

/// What a look at some subscribers' quotas has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checked {
    /// How many subscribers were looked at.
    pub looked_at: usize,
    /// How many are blocked, throttled or free again.
    pub changed: usize,
    /// How many warnings went out.
    pub told: usize,
}

impl Radius {
    /// Looks at what some subscribers have used: they are told of thresholds, and blocked, throttled or set free.
    ///
    /// # Errors
    /// [`StoreError`]; those who were looked at before stay so.
    pub async fn check_quotas(&self, subscribers: &[SubscriberId]) -> Result<Checked, StoreError> {
        let mut checked = Checked::default();
        // In order, as everybody holds several.
        let ids: Vec<_> = subscribers.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        for some in ids.chunks(TOGETHER) {
            self.check_together(some, &mut checked).await?;
        }
        Ok(checked)
    }

    /// Looks at some in one transaction: a commit for each would take longer than the look.
    async fn check_together(&self, ids: &[SubscriberId], checked: &mut Checked) -> Result<(), StoreError> {
        let limits = self.limits_to_check(ids).await?;
        let (now, zone) = (self.ambient.now(), self.settings.zone);
        let mut tx = self.store.begin().await?;
        let mut held = Vec::with_capacity(limits.len());
        for (id, limits) in limits {
            if let Some(subscriber) = tx.lock_subscriber(id).await? {
                held.push((subscriber, limits));
            }
        }
        let everybody: Vec<_> = held.iter().map(|(subscriber, _)| subscriber).collect();
        let used = tx.used_by(&everybody, &Calendar::at(now, zone)).await?;
        let mut following = Vec::new();
        for (subscriber, limits) in &mut held {
            checked.looked_at += 1;
            let used = used.get(&subscriber.id).copied().unwrap_or_default();
            let found = state(limits, used, now, zone);
            let changed = found != subscriber.quota_state
                && tx.change_quota_state(subscriber.id, subscriber.quota_state, found).await?;
            if changed {
                checked.changed += 1;
                self.tell_quota_state(&mut *tx, subscriber, found).await?;
                subscriber.quota_state = found;
            }
            // What is left stands in the directory, unless the rate falls at the end instead.
            if changed || (limits.quota.is_limited() && limits.exhaustion == Exhaustion::Block) {
                following.push(subscriber.clone());
            }
            if subscriber.enabled {
                for warning in warnings(limits, used, subscriber.expires_at, now, zone) {
                    checked.told += usize::from(self.warn(&mut *tx, subscriber, &warning).await?);
                }
            }
        }
        self.follow(&mut *tx, &following, &Origin::system("quotas")).await?;
        tx.commit().await
    }

    /// Those of some subscribers who have something to be held against, with that.
    async fn limits_to_check(&self, ids: &[SubscriberId]) -> Result<Vec<(SubscriberId, Limits)>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(subscriber) = self.reads.find_subscriber(*id).await? else { continue };
            let Some(limits) = self.limits_of(&subscriber).await? else { continue };
            if subscriber.archived_at.is_none() && (subscriber.enabled || limits.quota.is_limited()) {
                found.push((*id, limits));
            }
        }
        Ok(found)
    }

    async fn tell_quota_state(
        &self,
        tx: &mut dyn RadiusTx,
        subscriber: &Subscriber,
        to: QuotaState,
    ) -> Result<(), StoreError> {
        let exhausted = to.exhausted();
        let fact = QuotaStateChanged {
            subscriber_id: subscriber.id,
            state: to.as_str().to_owned(),
            period: exhausted.map(|(period, _)| period.as_str().to_owned()),
            until: exhausted.and_then(|(_, until)| until),
        };
        tx.append(Event::new(&self.ambient, &Origin::system("quotas"), &fact)?).await
    }

    async fn warn(
        &self,
        tx: &mut dyn RadiusTx,
        subscriber: &Subscriber,
        warning: &Warning,
    ) -> Result<bool, StoreError> {
        let now = self.ambient.now();
        if !tx.note_warning(subscriber.id, warning, now).await? {
            return Ok(false);
        }
        for code in &warning.implies {
            tx.note_warning(subscriber.id, &Warning { code, ..warning.clone() }, now).await?;
        }
        let fact = UsageThresholdReached {
            subscriber_id: subscriber.id,
            contact: subscriber.contact.clone(),
            sold_as: match &subscriber.source {
                Source::Account(_) => None,
                Source::Sold(sold) => Some(sold.name.clone()),
            },
            code: warning.code.to_owned(),
            period: warning.period.map(|period| period.as_str().to_owned()),
            percent: warning.percent,
            expires_in_days: warning.expires_in_days,
        };
        tx.append(Event::new(&self.ambient, &Origin::system("quotas"), &fact)?).await?;
        Ok(true)
    }

    /// A period begins: accounting that waits is taken in, and a worker looks at everybody's quotas, opens those that
    /// are not used up any more, and has entries say what is left. What was used is counted by the calendar: nothing is
    /// deleted, and doing it twice or late loses nothing. Says how many subscribers there are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reset_quotas(&self, period: Period) -> Result<usize, StoreError> {
        tracing::debug!(period = period.as_str(), "quotas are counted anew");
        self.ingest_accounting().await?;
        self.check_everybody().await
    }

    /// Has a worker look at the quotas and the end of everybody who may sign in. Says how many these are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_everybody(&self) -> Result<usize, StoreError> {
        let (mut last, mut all) = (None, 0);
        loop {
            let some = self.reads.enabled_after(last, STEP).await?;
            let Some(latest) = some.last().copied() else { return Ok(all) };
            let mut tx = self.store.begin().await?;
            self.have_quotas_checked(&mut *tx, &some.iter().copied().collect::<BTreeSet<_>>()).await?;
            tx.commit().await?;
            (last, all) = (Some(latest), all + some.len());
        }
    }
}
