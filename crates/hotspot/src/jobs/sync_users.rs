//! A router's users are compared with ours, and what differs is set right by jobs of their own, one per user.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    Job, JobHandler, JobOutcome, JobSpec, NewJob, Origin, Queue, StoreError,
    id::ids::{HotspotUserId, RouterId},
};
use serde::{Deserialize, Serialize};

use super::sync_sessions::not_said;
use crate::{
    hotspot_user::{HotspotUser, HotspotUserStatus, Place},
    ports::{RouterError, RouterGateway},
    router::Router,
    session::SessionEnding,
    use_cases::{CompareRouterError, Hotspot},
};

/// Compares a router's users with ours, and sends out what is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncUsers {
    /// The router.
    pub router_id: RouterId,
}

impl JobSpec for SyncUsers {
    const KIND: &'static str = "hotspot.sync_users";
    const QUEUE: Queue = Queue::Default;
}

/// Removes a user that carries our marker under a name that its hotspot user does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveStray {
    /// The router.
    pub router_id: RouterId,
    /// The hotspot user whose marker it carries.
    pub hotspot_user_id: HotspotUserId,
    /// Its name there.
    pub username: String,
}

impl JobSpec for RemoveStray {
    const KIND: &'static str = "hotspot.remove_stray";
    const QUEUE: Queue = Queue::Default;
}

/// Does [`SyncUsers`].
#[derive(Debug)]
pub struct SyncUsersHandler(pub Arc<Hotspot>);

#[async_trait]
impl JobHandler for SyncUsersHandler {
    fn kind(&self) -> &'static str {
        SyncUsers::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let spec = match job.spec::<SyncUsers>() {
            Ok(spec) => spec,
            Err(error) => return JobOutcome::Hopeless(error.to_string()),
        };
        let synced = self.0.sync_users_of(spec.router_id).await;
        synced.unwrap_or_else(|error| JobOutcome::Failed(error.to_string()))
    }
}

/// Does [`RemoveStray`].
#[derive(Debug)]
pub struct RemoveStrayHandler(pub Arc<Hotspot>);

#[async_trait]
impl JobHandler for RemoveStrayHandler {
    fn kind(&self) -> &'static str {
        RemoveStray::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let spec = match job.spec::<RemoveStray>() {
            Ok(spec) => spec,
            Err(error) => return JobOutcome::Hopeless(error.to_string()),
        };
        let removed = self.0.remove_stray(&spec).await;
        removed.unwrap_or_else(|error| JobOutcome::Failed(error.to_string()))
    }
}

impl Hotspot {
    /// Has every router's users compared with ours by a job of its own, unless one is waiting already. Gives how
    /// many routers there are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sync_users(&self) -> Result<usize, StoreError> {
        let routers = self.reads.routers_to_sync().await?;
        let mut tx = self.store.begin().await?;
        for router in &routers {
            let key = format!("{}:{}", SyncUsers::KIND, router.id);
            let job = NewJob::new(&self.ambient, &SyncUsers { router_id: router.id }, None)?;
            tx.enqueue(job.unique(key)).await?;
        }
        tx.commit().await?;
        Ok(routers.len())
    }

    async fn sync_users_of(&self, router_id: RouterId) -> Result<JobOutcome, StoreError> {
        let router = self.reads.find_router(router_id).await?;
        let Some(router) = router.filter(|router| router.retired_at.is_none()) else {
            return Ok(JobOutcome::Done);
        };
        match self.compare_router(router.clone()).await {
            Ok(comparison) => {
                self.apply_comparison(&comparison, &Origin::system("hotspot")).await?;
                Ok(JobOutcome::Done)
            }
            Err(CompareRouterError::Router(error)) => Ok(not_said(&router, &error)),
            Err(CompareRouterError::Store(error)) => Err(error),
        }
    }

    async fn remove_stray(&self, spec: &RemoveStray) -> Result<JobOutcome, StoreError> {
        let found = self.reads.user_and_router(spec.hotspot_user_id).await?;
        let router = self.reads.find_router(spec.router_id).await?;
        let (Some((user, _)), Some(router)) = (found, router) else {
            return Ok(JobOutcome::Done);
        };
        if !is_stray(&user, spec) {
            return Ok(JobOutcome::Done);
        }
        let gateway = self.routers.gateway(&router);
        let (asked_at, mut ended) = (self.ambient.now(), Vec::new());
        let removed = remove(&*gateway, &user, &spec.username, &mut ended).await;
        self.close_ended(&router, &ended, asked_at, SessionEnding::CredentialsOver).await?;
        Ok(match removed {
            Ok(()) => JobOutcome::Done,
            Err(error) => obstacle(&router, &error),
        })
    }
}

/// The row may have changed since the comparison.
fn is_stray(user: &HotspotUser, spec: &RemoveStray) -> bool {
    let wanted = user.place_on(spec.router_id) != Place::Absent;
    let at_home = wanted && (user.username == spec.username || user.status == HotspotUserStatus::Pending);
    !at_home
}

async fn remove(
    gateway: &dyn RouterGateway,
    user: &HotspotUser,
    name: &str,
    ended: &mut Vec<crate::ports::RouterSession>,
) -> Result<(), RouterError> {
    if !gateway.find_user(name).await?.is_some_and(|seen| seen.is_ours(&user.marker)) {
        return Ok(());
    }
    gateway.remove_user(name).await?;
    for session in gateway.list_active_sessions(Some(name)).await? {
        gateway.disconnect(&session.id).await?;
        ended.push(session);
    }
    Ok(())
}

fn obstacle(router: &Router, error: &RouterError) -> JobOutcome {
    let text = format!("router {}: {error}", router.name);
    if error.may_pass() { JobOutcome::Waiting(text) } else { JobOutcome::Failed(text) }
}
