//! A router is asked who is online, and what became of its interfaces. One job per router, so that one that is
//! slow or away holds up nobody but itself.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Job, JobHandler, JobOutcome, JobSpec, NewJob, Origin, Queue, StoreError, id::ids::RouterId};
use serde::{Deserialize, Serialize};

use crate::{
    ports::{RouterError, RouterGateway, RouterSession},
    router::Router,
    session::{Session, SessionEnding},
    use_cases::Hotspot,
};

/// Takes in the open sessions of a router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncSessions {
    /// The router.
    pub router_id: RouterId,
}

impl JobSpec for SyncSessions {
    const KIND: &'static str = "hotspot.sync_sessions";
    const QUEUE: Queue = Queue::Default;
}

/// Does [`SyncSessions`].
#[derive(Debug)]
pub struct SyncSessionsHandler(pub Arc<Hotspot>);

#[async_trait]
impl JobHandler for SyncSessionsHandler {
    fn kind(&self) -> &'static str {
        SyncSessions::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let spec = match job.spec::<SyncSessions>() {
            Ok(spec) => spec,
            Err(error) => return JobOutcome::Hopeless(error.to_string()),
        };
        let synced = self.0.sync_sessions_of(spec.router_id).await;
        synced.unwrap_or_else(|error| JobOutcome::Failed(error.to_string()))
    }
}

impl Hotspot {
    /// Has every router asked for its sessions by a job of its own, unless one is waiting already: a router that is
    /// away has its job until it is back. Gives how many routers there are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sync_sessions(&self) -> Result<usize, StoreError> {
        let routers = self.reads.routers_to_sync().await?;
        let mut tx = self.store.begin().await?;
        for router in &routers {
            let spec = SyncSessions { router_id: router.id };
            let key = format!("{}:{}", SyncSessions::KIND, router.id);
            tx.enqueue(NewJob::new(&self.ambient, &spec, None)?.unique(key)).await?;
        }
        tx.commit().await?;
        Ok(routers.len())
    }

    pub(crate) async fn sync_sessions_of(&self, router_id: RouterId) -> Result<JobOutcome, StoreError> {
        let router = self.reads.find_router(router_id).await?;
        let Some(router) = router.filter(|router| router.retired_at.is_none()) else {
            return Ok(JobOutcome::Done);
        };
        let gateway = self.routers.gateway(&router);
        let asked_at = self.ambient.now();
        let listed = match gateway.list_active_sessions(None).await {
            Ok(listed) => listed,
            Err(error) => return Ok(not_said(&router, &error)),
        };
        let Some(taken_in) = self.take_in_sessions(&router, &listed, asked_at).await? else {
            return Ok(JobOutcome::Done);
        };
        self.note_signed_in(&router, &listed, &Origin::system("hotspot")).await?;
        tracing::debug!(
            router = %router.name, open = taken_in.open, closed = taken_in.closed, "sessions taken in"
        );
        for session in &taken_in.unwelcome {
            if let Err(error) = self.end(&*gateway, &router, session, SessionEnding::DeviceBlocked).await? {
                return Ok(not_said(&router, &error));
            }
        }
        self.ask_for_interfaces(&*gateway, &router).await
    }

    /// Ends a session on its router, if it is still open there, and writes down how it ended.
    pub(crate) async fn end(
        &self,
        gateway: &dyn RouterGateway,
        router: &Router,
        session: &Session,
        ending: SessionEnding,
    ) -> Result<Result<(), RouterError>, StoreError> {
        let asked_at = self.ambient.now();
        let ended = match disconnect(gateway, session, asked_at).await {
            Ok(ended) => ended,
            Err(error) => return Ok(Err(error)),
        };
        self.close_ended(router, &ended, asked_at, ending).await?;
        Ok(Ok(()))
    }

    async fn ask_for_interfaces(
        &self,
        gateway: &dyn RouterGateway,
        router: &Router,
    ) -> Result<JobOutcome, StoreError> {
        let interfaces = match gateway.interface_load().await {
            Ok(interfaces) => interfaces,
            // They are for looking at; the sessions are taken in, and the next run asks again.
            Err(error) => {
                tracing::warn!(router = %router.name, %error, "a router does not tell of its interfaces");
                return Ok(JobOutcome::Done);
            }
        };
        let mut tx = self.store.begin().await?;
        tx.keep_interfaces(router.id, &interfaces, self.ambient.now()).await?;
        tx.commit().await?;
        Ok(JobOutcome::Done)
    }
}

/// The session as it was when it was ended, if it was open still. A later session that the router gave the same id
/// is left alone.
async fn disconnect(
    gateway: &dyn RouterGateway,
    session: &Session,
    asked_at: kernel::Timestamp,
) -> Result<Vec<RouterSession>, RouterError> {
    let mut listed = gateway.list_active_sessions(Some(&session.username)).await?;
    listed.retain(|listed| session.continues(listed, asked_at));
    for listed in &listed {
        gateway.disconnect(&listed.id).await?;
    }
    Ok(listed)
}

/// A router that is away is waited for. One that refuses to say would refuse again at once: the next run asks it.
pub(super) fn not_said(router: &Router, error: &RouterError) -> JobOutcome {
    if error.may_pass() {
        return JobOutcome::Waiting(format!("router {}: {error}", router.name));
    }
    tracing::error!(router = %router.name, %error, "a router refuses to be looked after");
    JobOutcome::Done
}
