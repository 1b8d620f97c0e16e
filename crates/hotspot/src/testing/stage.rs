//! Hotspot set up for a test: a real store, the fake router, and the clock in the test's hand.

use std::{path::Path, sync::Arc};

use kernel::{
    Ambient, Consumer as _, ConsumerError, Event, Id, Job, JobHandler as _, JobOutcome, JobSpec, Origin,
    Sealer, StoreError,
    events::billing::PaymentSucceeded,
    id::ids::{HotspotUserId, OrderId, RouterId, SiteId},
    testing::Surroundings,
};

use super::{sample_access, sample_fact};
use crate::{
    adapters::fake::{FakeRouter, FakeRouterState, FakeRouters},
    consumers::PreparePaidOrder,
    credentials::CredentialSettings,
    hotspot_user::HotspotUser,
    jobs::{
        ConvergeUser, ConvergeUserHandler, ProvisionUser, ProvisionUserHandler, SyncSessions,
        SyncSessionsHandler,
    },
    ports::{HotspotReads, HotspotStore, RouterGateway},
    router::{Router, RouterAccess},
    use_cases::{DefaultRouter, Hotspot, HotspotPorts, ProvisionOrder, ProvisionOrderError, Provisioning},
};

/// Whatever goes wrong in a test besides its assertions.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A master key for tests: 32 bytes of one.
pub const KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// Hotspot with a store, a fake router at a site of its own, and a clock in the hand.
pub struct Stage {
    /// What is tested.
    pub hotspot: Arc<Hotspot>,
    /// Its rows.
    pub store: Arc<dyn HotspotStore>,
    /// The default router of its site.
    pub router: FakeRouter,
    /// All fake routers.
    pub routers: FakeRouters,
    /// The clock and the entropy.
    pub around: Surroundings,
    /// Its site.
    pub site: SiteId,
}

impl Stage {
    /// Sets the stage over a store; the fake router's journal goes into `directory`.
    ///
    /// # Errors
    /// Whatever the store or the file system says.
    pub async fn set(
        store: Arc<dyn HotspotStore>,
        reads: Arc<dyn HotspotReads>,
        around: &Surroundings,
        directory: &Path,
    ) -> Result<Self, Failure> {
        let ambient = around.ambient();
        let routers = FakeRouters::open(directory)?.timed_by(ambient.clone());
        let site = Id::generate(&ambient);
        let sealer = Arc::new(Sealer::new(KEY, None, ambient.clone())?);
        let ports = HotspotPorts { store: store.clone(), reads, routers: Arc::new(routers.clone()) };
        let hotspot = Arc::new(Hotspot::new(ports, sealer, ambient, CredentialSettings::default()));
        let stage = Self {
            hotspot,
            store,
            router: routers.router(&router_name(site)),
            routers,
            around: around.clone(),
            site,
        };
        let described = stage.described_router();
        stage.hotspot.ensure_default_router(&described, &origin()).await?;
        Ok(stage)
    }

    /// The default router as a configuration would describe it.
    #[must_use]
    pub fn described_router(&self) -> DefaultRouter {
        let RouterAccess { mode, host, port, username, sealed_password: _, tls } = sample_access();
        let name = router_name(self.site);
        DefaultRouter { site_id: self.site, name, mode, host, port, username, password: None, tls }
    }

    /// The clock and the entropy as a use case wants them.
    #[must_use]
    pub fn ambient(&self) -> Ambient {
        self.around.ambient()
    }

    /// An order of so many units is paid; the fact is in the log.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn paid_order(&self, units: u32) -> Result<(PaymentSucceeded, Event), Failure> {
        let fact = sample_fact(&self.ambient(), self.site, units);
        let event = self.log(&fact).await?;
        Ok((fact, event))
    }

    /// Writes a payment into the log of events.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn log(&self, fact: &PaymentSucceeded) -> Result<Event, StoreError> {
        let event = Event::new(&self.ambient(), &origin(), fact)?;
        let mut tx = self.store.begin().await?;
        tx.append(event.clone()).await?;
        tx.commit().await?;
        Ok(event)
    }

    /// Tells hotspot of a payment.
    ///
    /// # Errors
    /// What the consumer says.
    pub async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        PreparePaidOrder(self.hotspot.clone()).consume(event).await
    }

    /// An order of so many units is paid, and prepared.
    ///
    /// # Errors
    /// Whatever the store or the consumer says.
    pub async fn prepared_order(&self, units: u32) -> Result<(PaymentSucceeded, Vec<HotspotUser>), Failure> {
        let (fact, event) = self.paid_order(units).await?;
        self.consume(&event).await?;
        let users = self.users(fact.order_id).await?;
        assert_eq!(users.len(), fact.units.len());
        Ok((fact, users))
    }

    /// The hotspot users of an order, by unit number.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn users(&self, order: OrderId) -> Result<Vec<HotspotUser>, StoreError> {
        let mut tx = self.store.begin().await?;
        tx.lock_users_of_order(order).await
    }

    /// One hotspot user.
    ///
    /// # Errors
    /// Whatever the store says, or that there is none.
    pub async fn user(&self, id: HotspotUserId) -> Result<HotspotUser, Failure> {
        let mut tx = self.store.begin().await?;
        Ok(tx.lock_user(id).await?.ok_or("the hotspot user is gone")?)
    }

    /// A person drives an order once more.
    ///
    /// # Errors
    /// What the use case says.
    pub async fn drive(&self, order_id: OrderId) -> Result<Provisioning, ProvisionOrderError> {
        self.hotspot.provision_order(ProvisionOrder { order_id }, &origin()).await
    }

    /// A worker makes its n-th attempt to bring a hotspot user onto the router.
    ///
    /// # Errors
    /// That the job has no JSON form.
    pub async fn provision(&self, id: HotspotUserId, attempt: u16) -> Result<JobOutcome, Failure> {
        let spec = ProvisionUser { hotspot_user_id: id };
        let handler = ProvisionUserHandler(self.hotspot.clone());
        Ok(handler.run(&self.job(&spec, attempt)?).await)
    }

    /// A worker makes a hotspot user's router agree with what is written of it.
    ///
    /// # Errors
    /// That the job has no JSON form, or that there is no such user.
    pub async fn converge(&self, id: HotspotUserId) -> Result<JobOutcome, Failure> {
        let router_id = self.user(id).await?.router_id;
        self.converge_on(id, router_id).await
    }

    /// The same for a certain router.
    ///
    /// # Errors
    /// That the job has no JSON form.
    pub async fn converge_on(&self, id: HotspotUserId, router: RouterId) -> Result<JobOutcome, Failure> {
        let spec = ConvergeUser { hotspot_user_id: id, router_id: router };
        let handler = ConvergeUserHandler(self.hotspot.clone());
        Ok(handler.run(&self.job(&spec, 1)?).await)
    }

    /// The default router as it is written down.
    ///
    /// # Errors
    /// Whatever the store says, or that there is none.
    pub async fn stored_router(&self) -> Result<Router, Failure> {
        let mut tx = self.store.begin().await?;
        Ok(tx.default_router(self.site).await?.ok_or("the default router is gone")?)
    }

    /// A worker takes in who is online.
    ///
    /// # Errors
    /// Whatever the store says, or that the job has no JSON form.
    pub async fn sync_sessions(&self) -> Result<JobOutcome, Failure> {
        let spec = SyncSessions { router_id: self.stored_router().await?.id };
        let handler = SyncSessionsHandler(self.hotspot.clone());
        Ok(handler.run(&self.job(&spec, 1)?).await)
    }

    /// A leased job.
    ///
    /// # Errors
    /// That the job has no JSON form.
    pub fn job<S: JobSpec>(&self, spec: &S, attempt: u16) -> Result<Job, Failure> {
        Ok(Job {
            id: Id::generate(&self.ambient()),
            kind: S::KIND.to_owned(),
            queue: S::QUEUE,
            payload: serde_json::to_value(spec)?,
            attempt,
            max_attempts: S::MAX_ATTEMPTS,
            waits: 0,
            request_id: None,
            lease: self.ambient().uuid_v4(),
        })
    }

    /// The way to the router, as somebody beside the portal has it.
    #[must_use]
    pub fn gateway(&self) -> &dyn RouterGateway {
        &self.router
    }

    /// What the router knows.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn on_router(&self) -> Result<FakeRouterState, Failure> {
        Ok(self.router.state()?)
    }
}

/// Who gives the commands of a test.
#[must_use]
pub fn origin() -> Origin {
    Origin::system("test")
}

fn router_name(site: SiteId) -> String {
    format!("router of {site}")
}
