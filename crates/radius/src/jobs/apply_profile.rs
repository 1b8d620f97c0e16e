//! A profile was changed, or a promotion has another one: those who are enabled with it follow, some hundreds at a
//! time, each lot in a transaction of its own.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    Job, JobHandler, JobOutcome, JobSpec, NewJob, Origin, Queue, StoreError,
    id::ids::{AccessProfileId, PromotionId, SubscriberId},
};
use serde::{Deserialize, Serialize};

use crate::{subscriber::Subscriber, use_cases::Radius};

/// How many are rewritten by one job; the next one goes on behind them.
const LOT: u64 = 500;

/// Rewrites those who are enabled with a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyProfile {
    /// The profile.
    pub profile_id: AccessProfileId,
    /// Those up to here are done.
    pub behind: Option<SubscriberId>,
}

impl JobSpec for ApplyProfile {
    const KIND: &'static str = "radius.apply_profile";
    const QUEUE: Queue = Queue::High;
}

/// Rewrites those who are enabled in a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyPromotion {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Those up to here are done.
    pub behind: Option<SubscriberId>,
}

impl JobSpec for ApplyPromotion {
    const KIND: &'static str = "radius.apply_promotion";
    const QUEUE: Queue = Queue::High;
}

/// Does [`ApplyProfile`].
#[derive(Debug)]
pub struct ApplyProfileHandler(pub Arc<Radius>);

#[async_trait]
impl JobHandler for ApplyProfileHandler {
    fn kind(&self) -> &'static str {
        ApplyProfile::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        match job.spec::<ApplyProfile>() {
            Ok(spec) => self.0.apply_profile(job, spec).await.into(),
            Err(error) => JobOutcome::Hopeless(error.to_string()),
        }
    }
}

/// Does [`ApplyPromotion`].
#[derive(Debug)]
pub struct ApplyPromotionHandler(pub Arc<Radius>);

#[async_trait]
impl JobHandler for ApplyPromotionHandler {
    fn kind(&self) -> &'static str {
        ApplyPromotion::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        match job.spec::<ApplyPromotion>() {
            Ok(spec) => self.0.apply_promotion(job, spec).await.into(),
            Err(error) => JobOutcome::Hopeless(error.to_string()),
        }
    }
}

impl Radius {
    async fn apply_profile(&self, job: &Job, spec: ApplyProfile) -> Result<(), StoreError> {
        let origin = Origin::system("radius").within(job.request_id.clone());
        let mut tx = self.store.begin().await?;
        let some = tx.lock_enabled_of_profile(spec.profile_id, spec.behind, LOT).await?;
        self.follow_online(&mut *tx, &some, &origin).await?;
        // Other limits may be used up, or not any more.
        self.have_quotas_checked(&mut *tx, &some.iter().map(|one| one.id).collect()).await?;
        if let Some(last) = last_of(&some) {
            let next = ApplyProfile { behind: Some(last), ..spec };
            tx.enqueue(NewJob::new(&self.ambient, &next, job.request_id.clone())?).await?;
        }
        tx.commit().await?;
        tracing::info!(profile = %spec.profile_id, rewritten = some.len(), "an access profile was applied");
        Ok(())
    }

    async fn apply_promotion(&self, job: &Job, spec: ApplyPromotion) -> Result<(), StoreError> {
        let origin = Origin::system("radius").within(job.request_id.clone());
        let mut tx = self.store.begin().await?;
        let mut some = tx.lock_enabled_members(spec.promotion_id, spec.behind, LOT).await?;
        some.iter_mut().for_each(|one| one.granted_profile_id = None);
        self.follow_online(&mut *tx, &some, &origin).await?;
        // Other limits may be used up, or not any more.
        self.have_quotas_checked(&mut *tx, &some.iter().map(|one| one.id).collect()).await?;
        if let Some(last) = last_of(&some) {
            let next = ApplyPromotion { behind: Some(last), ..spec };
            tx.enqueue(NewJob::new(&self.ambient, &next, job.request_id.clone())?).await?;
        }
        tx.commit().await?;
        tracing::info!(promotion = %spec.promotion_id, rewritten = some.len(), "a promotion was reactivated");
        Ok(())
    }
}

/// The last of a full lot: there may be more behind it.
fn last_of(some: &[Subscriber]) -> Option<SubscriberId> {
    let is_full = u64::try_from(some.len()).is_ok_and(|count| count == LOT);
    some.last().filter(|_| is_full).map(|last| last.id)
}
