//! What staff or owners want of open sessions: an end, or a limit.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    Job, JobHandler, JobOutcome, JobSpec, Queue, StoreError,
    id::ids::{DeviceId, HotspotSessionId},
};
use serde::{Deserialize, Serialize};

use super::sync_sessions::not_said;
use crate::{
    session::{LiveLimit, SessionEnding},
    use_cases::Hotspot,
};

/// Ends an open session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndSession {
    /// The session.
    pub session_id: HotspotSessionId,
}

impl JobSpec for EndSession {
    const KIND: &'static str = "hotspot.end_session";
    const QUEUE: Queue = Queue::High;
}

/// Puts the limit that is written down for an open session onto its router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitSession {
    /// The session.
    pub session_id: HotspotSessionId,
}

impl JobSpec for LimitSession {
    const KIND: &'static str = "hotspot.limit_session";
    const QUEUE: Queue = Queue::High;
}

/// Ends the open sessions of a deactivated device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndDeviceSessions {
    /// The device.
    pub device_id: DeviceId,
}

impl JobSpec for EndDeviceSessions {
    const KIND: &'static str = "hotspot.end_device_sessions";
    const QUEUE: Queue = Queue::High;
}

/// Does [`EndSession`].
#[derive(Debug)]
pub struct EndSessionHandler(pub Arc<Hotspot>);

#[async_trait]
impl JobHandler for EndSessionHandler {
    fn kind(&self) -> &'static str {
        EndSession::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        match job.spec::<EndSession>() {
            Ok(spec) => told(self.0.end_session(spec.session_id).await),
            Err(error) => JobOutcome::Hopeless(error.to_string()),
        }
    }
}

/// Does [`LimitSession`].
#[derive(Debug)]
pub struct LimitSessionHandler(pub Arc<Hotspot>);

#[async_trait]
impl JobHandler for LimitSessionHandler {
    fn kind(&self) -> &'static str {
        LimitSession::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        match job.spec::<LimitSession>() {
            Ok(spec) => told(self.0.put_limit(spec.session_id).await),
            Err(error) => JobOutcome::Hopeless(error.to_string()),
        }
    }
}

/// Does [`EndDeviceSessions`].
#[derive(Debug)]
pub struct EndDeviceSessionsHandler(pub Arc<Hotspot>);

#[async_trait]
impl JobHandler for EndDeviceSessionsHandler {
    fn kind(&self) -> &'static str {
        EndDeviceSessions::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        match job.spec::<EndDeviceSessions>() {
            Ok(spec) => told(self.0.end_device_sessions(spec.device_id).await),
            Err(error) => JobOutcome::Hopeless(error.to_string()),
        }
    }
}

fn told(outcome: Result<JobOutcome, StoreError>) -> JobOutcome {
    outcome.unwrap_or_else(|error| JobOutcome::Failed(error.to_string()))
}

impl Hotspot {
    async fn end_session(&self, id: HotspotSessionId) -> Result<JobOutcome, StoreError> {
        let Some((session, router)) = self.reads.session_and_router(id).await? else {
            return Ok(JobOutcome::Done);
        };
        if session.closed_at.is_some() {
            return Ok(JobOutcome::Done);
        }
        let gateway = self.routers.gateway(&router);
        Ok(match self.end(&*gateway, &router, &session, SessionEnding::Terminated).await? {
            Ok(()) => JobOutcome::Done,
            Err(error) => not_said(&router, &error),
        })
    }

    async fn put_limit(&self, id: HotspotSessionId) -> Result<JobOutcome, StoreError> {
        let Some((session, router)) = self.reads.session_and_router(id).await? else {
            return Ok(JobOutcome::Done);
        };
        let Some(limit) = session.limit.filter(|limit| limit.set_at.is_none() && session.closed_at.is_none())
        else {
            return Ok(JobOutcome::Done);
        };
        let gateway = self.routers.gateway(&router);
        match gateway.set_rate_limit(&session.username, limit.rates).await {
            Ok(true) => {}
            // It has ended meanwhile, which the next look at the router will find.
            Ok(false) => return Ok(JobOutcome::Done),
            Err(error) if error.may_pass() => return Ok(not_said(&router, &error)),
            Err(error) => return Ok(JobOutcome::Failed(error.to_string())),
        }
        let mut tx = self.store.begin().await?;
        let now = tx.lock_session(id).await?.and_then(|session| session.limit);
        // Staff may want another by now; that one has a job of its own.
        if now == Some(limit) {
            let set = LiveLimit { set_at: Some(self.ambient.now()), ..limit };
            tx.note_limit(id, set).await?;
            tx.commit().await?;
        }
        Ok(JobOutcome::Done)
    }

    async fn end_device_sessions(&self, id: DeviceId) -> Result<JobOutcome, StoreError> {
        let device = self.reads.find_device(id).await?;
        if device.is_none_or(|device| device.active) {
            return Ok(JobOutcome::Done);
        }
        let mut outcome = JobOutcome::Done;
        for (session, router) in self.reads.open_sessions_of_device(id).await? {
            let gateway = self.routers.gateway(&router);
            if let Err(error) = self.end(&*gateway, &router, &session, SessionEnding::DeviceBlocked).await? {
                outcome = not_said(&router, &error);
            }
        }
        Ok(outcome)
    }
}
