//! What hotspot leaves behind for others: the facts it tells and the jobs it asks for.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use hotspot::{
    CredentialSettings, Hotspot, HotspotPorts, HotspotUser, Router,
    adapters::fake::FakeRouters,
    hotspot_user::Transition,
    jobs::{ConvergeUser, GIVE_UP_AFTER, ProvisionUser, ProvisionUserHandler},
    ports::HotspotReads,
    queries::{HotspotUserFilter, HotspotUserView, RouterView},
    testing::{
        Outcome,
        stage::{KEY, Stage, origin},
    },
};
use kernel::{
    JobHandler as _, JobOutcome, JobSpec, Page, PageRequest, Sealer, StoreError, Timestamp,
    events::{
        billing::PaymentSucceeded,
        hotspot::{HotspotUserFailed, HotspotUserProvisioned, ProvisioningStarted},
    },
    id::ids::{HotspotUserId, OrderId, RouterId, UnitId},
};

use super::Bench;
use crate::Database;

/// How many jobs of a kind are in the queue.
async fn queued<S: JobSpec>(bench: &Bench) -> usize {
    let jobs = bench.database.unfinished_jobs(1000).await.unwrap();
    jobs.iter().filter(|job| job.kind == S::KIND).count()
}

/// The kinds of fact in an order's story, in the order in which they were told.
async fn story(bench: &Bench, order: OrderId) -> Vec<String> {
    let events = bench.database.story(order.as_uuid(), 1000).await.unwrap();
    events.into_iter().map(|event| event.kind).collect()
}

/// Lets time pass between two facts, so that their order is certain.
fn tick(stage: &Stage) {
    stage.around.clock.advance(TimeDelta::seconds(1));
}

pub(super) async fn an_order_leaves_its_trail(bench: &Bench) -> Outcome {
    let stage = bench.stage().await;
    let (fact, event) = stage.paid_order(2).await?;
    tick(&stage);
    for _ in 0..2 {
        stage.consume(&event).await?;
    }
    assert_eq!(queued::<ProvisionUser>(bench).await, 2);
    for user in stage.users(fact.order_id).await? {
        tick(&stage);
        for _ in 0..2 {
            stage.provision(user.id, 1).await?;
        }
    }
    tick(&stage);
    assert_eq!(stage.drive(fact.order_id).await?.left_alone, 2);
    assert_eq!(queued::<ProvisionUser>(bench).await, 2, "nothing was left to do");
    let kinds =
        ["PaymentSucceeded", "ProvisioningStarted", "HotspotUserProvisioned", "HotspotUserProvisioned"];
    assert_eq!(story(bench, fact.order_id).await, kinds);

    let events = bench.database.story(fact.order_id.as_uuid(), 1000).await?;
    let started = events[1].payload_as::<ProvisioningStarted>()?.unwrap();
    assert_eq!(started.units.len(), 2);
    let told = events[2].payload_as::<HotspotUserProvisioned>()?.unwrap();
    let stored = stage.user(told.hotspot_user_id).await?;
    assert_eq!(told.expires_at, stored.expires_at);
    assert_eq!(told.sealed_password, stored.sealed_password);
    assert_eq!((told.username, told.contact), (stored.username, stored.contact));
    Ok(())
}

pub(super) async fn a_failure_leaves_its_trail(bench: &Bench) -> Outcome {
    let stage = bench.stage().await;
    let (fact, users) = stage.prepared_order(1).await?;
    stage.router.change(|router| router.full = true)?;
    tick(&stage);
    for attempt in 1..GIVE_UP_AFTER {
        let outcome = stage.provision(users[0].id, attempt).await?;
        assert!(matches!(outcome, JobOutcome::Failed(_)), "{outcome:?}");
    }
    for _ in 0..2 {
        stage.provision(users[0].id, GIVE_UP_AFTER).await?;
    }
    let mut told = story(bench, fact.order_id).await.split_off(2);
    told.sort();
    assert_eq!(told, ["AlertRaised", "HotspotUserFailed"]);
    let events = bench.database.story(fact.order_id.as_uuid(), 1000).await?;
    let failed = events.iter().find_map(|event| event.payload_as::<HotspotUserFailed>().unwrap());
    assert_eq!(failed.map(|fact| fact.unit_id), Some(users[0].unit_id));
    Ok(())
}

pub(super) async fn an_end_leaves_its_trail(bench: &Bench) -> Outcome {
    let stage = bench.stage().await;
    let (fact, users) = stage.prepared_order(1).await?;
    tick(&stage);
    stage.provision(users[0].id, 1).await?;
    stage.around.clock.advance(TimeDelta::hours(2));
    let origin = origin();
    let (one, other) =
        tokio::join!(stage.hotspot.expire_users(10, &origin), stage.hotspot.expire_users(10, &origin));
    assert_eq!(one?.ended + other?.ended, 1);
    assert_eq!(queued::<ConvergeUser>(bench).await, 1);
    assert_eq!(story(bench, fact.order_id).await.last().unwrap(), "HotspotUserExpired");
    Ok(())
}

/// A worker that has read its row and then lost time: the user has been taken back meanwhile. It puts the user on
/// the router all the same, sees at the end that it was late, and asks for the removal.
pub(super) async fn a_late_worker_cleans_up_behind_itself(bench: &Bench) -> Outcome {
    let stage = bench.stage().await;
    let (fact, users) = stage.prepared_order(1).await?;
    let read = bench.database.user_and_router(users[0].id).await?.unwrap();
    let mut tx = stage.store.begin().await?;
    assert!(tx.transition(users[0].id, &Transition::Revoke).await?);
    tx.commit().await?;

    let ports = HotspotPorts {
        store: stage.store.clone(),
        reads: Arc::new(OldRead { read, database: bench.database.clone() }),
        routers: Arc::new(FakeRouters::open(bench.test.folder())?),
    };
    let sealer = Arc::new(Sealer::new(KEY, None, stage.ambient())?);
    let late = Hotspot::new(ports, sealer, stage.ambient(), CredentialSettings::default());
    let job = stage.job(&ProvisionUser { hotspot_user_id: users[0].id }, 1)?;
    let outcome = ProvisionUserHandler(Arc::new(late)).run(&job).await;
    assert_eq!(outcome, JobOutcome::Done);
    assert_eq!(stage.on_router()?.users.len(), 1);
    assert_eq!(queued::<ConvergeUser>(bench).await, 1);
    assert!(!story(bench, fact.order_id).await.contains(&"HotspotUserProvisioned".to_owned()));

    stage.converge(users[0].id).await?;
    assert_eq!(stage.on_router()?.users.len(), 0);
    Ok(())
}

/// Reads that remember one row as it was.
pub(super) struct OldRead {
    read: (HotspotUser, Router),
    pub(super) database: Database,
}

#[async_trait]
impl HotspotReads for OldRead {
    async fn user_and_router(&self, _: HotspotUserId) -> Result<Option<(HotspotUser, Router)>, StoreError> {
        Ok(Some(self.read.clone()))
    }

    async fn users_of_order(&self, order: OrderId) -> Result<Vec<HotspotUser>, StoreError> {
        self.database.users_of_order(order).await
    }

    async fn used_units(&self, order: OrderId) -> Result<Vec<UnitId>, StoreError> {
        self.database.used_units(order).await
    }

    async fn find_router(&self, id: RouterId) -> Result<Option<Router>, StoreError> {
        self.database.find_router(id).await
    }

    async fn list_routers(&self, with_retired: bool) -> Result<Vec<RouterView>, StoreError> {
        self.database.list_routers(with_retired).await
    }

    async fn find_router_view(&self, id: RouterId) -> Result<Option<RouterView>, StoreError> {
        self.database.find_router_view(id).await
    }

    async fn list_users(
        &self,
        filter: &HotspotUserFilter,
        page: PageRequest,
    ) -> Result<Page<HotspotUserView>, StoreError> {
        self.database.list_users(filter, page).await
    }

    async fn find_view(&self, id: HotspotUserId) -> Result<Option<HotspotUserView>, StoreError> {
        self.database.find_view(id).await
    }

    async fn overdue_users(&self, now: Timestamp, limit: u64) -> Result<Vec<HotspotUserId>, StoreError> {
        self.database.overdue_users(now, limit).await
    }

    async fn users_awaiting_first_use(
        &self,
        router: RouterId,
        names: &[&str],
    ) -> Result<Vec<HotspotUser>, StoreError> {
        self.database.users_awaiting_first_use(router, names).await
    }

    async fn payment_succeeded(&self, order: OrderId) -> Result<Option<PaymentSucceeded>, StoreError> {
        self.database.payment_succeeded(order).await
    }
}
