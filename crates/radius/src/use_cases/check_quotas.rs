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
        for id in subscribers {
            let Some(subscriber) = self.reads.find_subscriber(*id).await? else { continue };
            let Some(limits) = self.limits_of(&subscriber).await? else { continue };
            if subscriber.archived_at.is_some() || (!subscriber.enabled && !limits.quota.is_limited()) {
                continue;
            }
            self.check_quota(*id, &limits, &mut checked).await?;
        }
        Ok(checked)
    }

    async fn check_quota(
        &self,
        id: SubscriberId,
        limits: &Limits,
        checked: &mut Checked,
    ) -> Result<(), StoreError> {
        let (now, zone) = (self.ambient.now(), self.settings.zone);
        let mut tx = self.store.begin().await?;
        let Some(mut subscriber) = tx.lock_subscriber(id).await? else { return Ok(()) };
        let used = tx.used_by(&[&subscriber], &Calendar::at(now, zone)).await?;
        let used = used.get(&id).copied().unwrap_or_default();
        let found = state(limits, used, now, zone);
        checked.looked_at += 1;
        let changed = found != subscriber.quota_state
            && tx.change_quota_state(id, subscriber.quota_state, found).await?;
        if changed {
            checked.changed += 1;
            self.tell_quota_state(&mut *tx, &subscriber, found).await?;
            subscriber.quota_state = found;
        }
        // What is left stands in the directory, unless the rate falls at the end instead.
        if changed || (limits.quota.is_limited() && limits.exhaustion == Exhaustion::Block) {
            self.follow(&mut *tx, std::slice::from_ref(&subscriber), &Origin::system("quotas")).await?;
        }
        if subscriber.enabled {
            for warning in warnings(limits, used, subscriber.expires_at, now, zone) {
                checked.told += usize::from(self.warn(&mut *tx, &subscriber, &warning).await?);
            }
        }
        tx.commit().await
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
