//! A hotspot user that is over goes from its router, and its open sessions end.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Job, JobHandler, JobOutcome, JobSpec as _, StoreError, id::ids::HotspotUserId};

use super::RemoveUser;
use crate::{
    hotspot_user::HotspotUser,
    ports::{RouterError, RouterGateway},
    use_cases::Hotspot,
};

/// Does [`RemoveUser`].
#[derive(Debug)]
pub struct RemoveUserHandler(pub Arc<Hotspot>);

#[async_trait]
impl JobHandler for RemoveUserHandler {
    fn kind(&self) -> &'static str {
        RemoveUser::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let spec = match job.spec::<RemoveUser>() {
            Ok(spec) => spec,
            Err(error) => return JobOutcome::Hopeless(error.to_string()),
        };
        let removed = self.0.take_off_router(spec.hotspot_user_id).await;
        removed.unwrap_or_else(|error| JobOutcome::Failed(error.to_string()))
    }
}

impl Hotspot {
    async fn take_off_router(&self, id: HotspotUserId) -> Result<JobOutcome, StoreError> {
        let Some((user, router)) = self.reads.user_and_router(id).await? else {
            return Ok(JobOutcome::Hopeless(format!("there is no hotspot user {id}")));
        };
        if !user.status.is_over() {
            return Ok(JobOutcome::Done);
        }
        let gateway = self.routers.gateway(&router);
        Ok(match remove(&*gateway, &user).await {
            Ok(()) => JobOutcome::Done,
            Err(error) if error.may_pass() => JobOutcome::Waiting(format!("router {}: {error}", router.name)),
            Err(error) => JobOutcome::Failed(error.to_string()),
        })
    }
}

/// First the user, so that nobody signs in again, then the sessions. A repeat finds the user gone and still
/// ends the sessions. Somebody else's user of the same name keeps both.
async fn remove(router: &dyn RouterGateway, user: &HotspotUser) -> Result<(), RouterError> {
    if let Some(seen) = router.find_user(&user.username).await? {
        if !seen.is_ours(&user.marker) {
            tracing::warn!(hotspot_user = %user.id, "somebody else has its name on the router; left alone");
            return Ok(());
        }
        router.remove_user(&user.username).await?;
    }
    for session in router.list_active_sessions(Some(&user.username)).await? {
        router.disconnect(&session.id).await?;
    }
    Ok(())
}
