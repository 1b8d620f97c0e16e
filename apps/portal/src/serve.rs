//! Running: the API, the worker and the scheduler in one process or in several, until told to stop. Nothing is
//! lost then: requests under way are answered, jobs at hand are finished, what waits in the queue stays there.

use std::{net::SocketAddr, sync::Arc};

use actix_web::web::{self, Data};
use anyhow::Context as _;
use async_trait::async_trait;
use billing::use_cases::open_order::OpenOrderError;
use clap::ValueEnum;
use kernel::{Origin, Principal, StoreError, id::ids::OrderId};
use radius::adapters::embedded::EmbeddedServer;
use tokio::{signal, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    compose::{Composition, Services},
    config::{RadiusMode, RadiusSettings},
    http::{
        event_stream::Streams,
        policy::Authenticator,
        server::{self, Edge},
    },
    worker::{Worker, accounting, fake_gateway, scheduler::Scheduler},
};

/// Which parts of the service a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ProcessRole {
    /// Answers requests.
    Api,
    /// Does jobs.
    Worker,
    /// Watches the clock.
    Scheduler,
    /// Answers RADIUS, where `RADIUS_MODE=embedded` says so.
    Radius,
    /// Everything.
    #[default]
    All,
}

impl ProcessRole {
    fn includes(self, part: Self) -> bool {
        self == Self::All || self == part
    }
}

/// A running process: where it listens, and how it is brought to its end.
pub struct Running {
    /// Where it answers requests, if it does.
    pub addresses: Vec<SocketAddr>,
    /// The RADIUS server, if it runs one.
    pub radius: Option<Arc<EmbeddedServer>>,
    stop: CancellationToken,
    tasks: JoinSet<anyhow::Result<()>>,
}

impl Running {
    /// Starts the parts that the role names.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(composition: &Arc<Composition>, role: ProcessRole) -> anyhow::Result<Self> {
        let stop = CancellationToken::new();
        let mut running =
            Self { addresses: Vec::new(), radius: None, stop: stop.clone(), tasks: JoinSet::new() };
        if role.includes(ProcessRole::Api) {
            running.listen(composition)?;
        }
        if role.includes(ProcessRole::Radius) && composition.settings.radius.mode == RadiusMode::Embedded {
            running.answer_radius(composition).await?;
        }
        if role.includes(ProcessRole::Worker) {
            let (worker, stop) = (Worker::new(composition), stop.clone());
            running.tasks.spawn(async move {
                worker.run(stop).await;
                Ok(())
            });
            let (services, stop) = (composition.background.clone(), running.stop.clone());
            running.tasks.spawn(async move {
                accounting::run(services, stop).await;
                Ok(())
            });
            if let Some(gateway) = composition.adapters.fakes.gateway.clone() {
                running.tasks.spawn(run_fake_gateway(gateway, running.stop.clone()));
            }
        }
        if role.includes(ProcessRole::Scheduler) {
            let scheduler = Scheduler::new(composition);
            running.tasks.spawn(async move {
                scheduler.run(stop).await;
                Ok(())
            });
        }
        Ok(running)
    }

    fn listen(&mut self, composition: &Composition) -> anyhow::Result<()> {
        let authenticator = Arc::new(ServicesAuthenticator(composition.services.clone()));
        let edge = Edge::new(composition.settings.http.clone(), composition.ambient.clone(), authenticator);
        let (server, addresses) = server::listen(Data::new(edge), state(composition, self.stop.clone()))
            .with_context(|| format!("cannot listen on {}", composition.settings.http.address))?;
        self.addresses = addresses;
        let (handle, stop) = (server.handle(), self.stop.clone());
        self.tasks.spawn(async move {
            tokio::select! {
                ended = server => ended.context("the HTTP service has ended"),
                () = stop.cancelled() => {
                    handle.stop(true).await;
                    Ok(())
                }
            }
        });
        Ok(())
    }

    async fn answer_radius(&mut self, composition: &Composition) -> anyhow::Result<()> {
        let RadiusSettings { auth_address, acct_address, .. } = &composition.settings.radius;
        let (domain, ambient) = (composition.background.radius.clone(), composition.ambient.clone());
        let server = EmbeddedServer::bind(*auth_address, *acct_address, domain, ambient).await;
        let server = server.with_context(|| format!("cannot listen on {auth_address} and {acct_address}"))?;
        let (server, stop) = (Arc::new(server), self.stop.clone());
        self.radius = Some(server.clone());
        self.tasks.spawn(async move {
            server.run(stop).await;
            Ok(())
        });
        Ok(())
    }

    /// Goes on until somebody tells the process to stop, or a part of it fails.
    ///
    /// # Errors
    /// Why a part has failed.
    pub async fn until_told_to_stop(mut self) -> anyhow::Result<()> {
        let failed = tokio::select! {
            told = told_to_stop() => told.err(),
            Some(ended) = self.tasks.join_next() => ended.map_err(anyhow::Error::from).flatten().err(),
        };
        tracing::info!("stopping: requests and jobs under way are finished first");
        self.stop().await;
        failed.map_or(Ok(()), Err)
    }

    /// Stops every part and waits for its end.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn run_fake_gateway(
    gateway: Arc<billing::adapters::fake::FakeGateway>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    fake_gateway::run(gateway, stop).await;
    Ok(())
}

/// What the handlers take besides their input.
fn state(
    composition: &Composition,
    stop: CancellationToken,
) -> impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static {
    let services = Data::new(composition.services.clone());
    let database = Data::new(composition.services.database.clone());
    let (streams, radius) = (Data::new(Streams::new(stop)), Data::new(composition.settings.radius.clone()));
    move |config| {
        let config = config.app_data(services.clone()).app_data(database.clone());
        config.app_data(streams.clone()).app_data(radius.clone());
    }
}

/// Whose an access token is, as identity knows it, and what an order token opens, as billing does.
struct ServicesAuthenticator(Arc<Services>);

#[async_trait]
impl Authenticator for ServicesAuthenticator {
    async fn open_order(&self, origin: &Origin, token: &str) -> Result<OrderId, OpenOrderError> {
        self.0.billing.open_order(origin, token).await
    }

    async fn authenticate(&self, token: &str) -> Result<Option<Principal>, StoreError> {
        self.0.identity.authenticate(token).await
    }

    async fn redeem(&self, ticket: &str) -> Result<Option<Principal>, StoreError> {
        self.0.identity.redeem_stream_ticket(ticket).await
    }
}

/// Ctrl-C, or the signal by which service managers stop a process.
async fn told_to_stop() -> anyhow::Result<()> {
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
