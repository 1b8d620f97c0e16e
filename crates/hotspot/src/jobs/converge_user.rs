//! A router comes to agree with what is written of a hotspot user, whatever was done to the user and in whatever
//! order the jobs run: each looks at the row as it is now, and looks again when it is done.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    Job, JobHandler, JobOutcome, JobSpec as _, NewJob, Origin, StoreError,
    id::ids::{HotspotUserId, RouterId},
};

use super::ConvergeUser;
use crate::{
    converge::{Converged, converge, converge_disabled, remove},
    hotspot_user::{HotspotUser, HotspotUserStatus, Place},
    ports::{HotspotTx, RouterError},
    router::Router,
    use_cases::Hotspot,
};

/// How often the row may change under our hands before we let it rest.
const ROUNDS: usize = 3;

/// Does [`ConvergeUser`].
#[derive(Debug)]
pub struct ConvergeUserHandler(pub Arc<Hotspot>);

#[async_trait]
impl JobHandler for ConvergeUserHandler {
    fn kind(&self) -> &'static str {
        ConvergeUser::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let spec = match job.spec::<ConvergeUser>() {
            Ok(spec) => spec,
            Err(error) => return JobOutcome::Hopeless(error.to_string()),
        };
        let converged = self.0.converge_user(spec.hotspot_user_id, spec.router_id).await;
        converged.unwrap_or_else(|error| JobOutcome::Failed(error.to_string()))
    }
}

impl Hotspot {
    /// Puts the job in the queue that makes a router agree with what is written of a hotspot user.
    pub(crate) async fn send_to_converge(
        &self,
        tx: &mut dyn HotspotTx,
        user: HotspotUserId,
        router: RouterId,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let spec = ConvergeUser { hotspot_user_id: user, router_id: router };
        tx.enqueue(NewJob::new(&self.ambient, &spec, origin.request_id.clone())?).await
    }

    /// Makes a router agree with what is written of a hotspot user. A pending user is not put onto its router
    /// here: it has a job of its own ([`ProvisionUser`](super::ProvisionUser)), which also makes it active.
    pub(crate) async fn converge_user(
        &self,
        id: HotspotUserId,
        router_id: RouterId,
    ) -> Result<JobOutcome, StoreError> {
        for _ in 0..ROUNDS {
            let Some((user, home)) = self.reads.user_and_router(id).await? else {
                return Ok(JobOutcome::Hopeless(format!("there is no hotspot user {id}")));
            };
            let elsewhere =
                if home.id == router_id { None } else { self.reads.find_router(router_id).await? };
            let router = if home.id == router_id { Some(home) } else { elsewhere };
            let Some(router) = router else {
                return Ok(JobOutcome::Hopeless(format!("there is no router {router_id}")));
            };
            let place = user.place_on(router_id);
            if has_job_of_its_own(&user, place) || router.retired_at.is_some() {
                return Ok(JobOutcome::Done);
            }
            if let Some(obstacle) = self.bring_to(place, &user, &router).await {
                return Ok(obstacle);
            }
            // What we have done rests on a row that may have changed meanwhile, and whoever changed it may
            // have been at the router before us.
            let now = self.reads.user_and_router(id).await?;
            if now.is_none_or(|(now, _)| now.place_on(router_id) == place) {
                return Ok(JobOutcome::Done);
            }
        }
        Ok(JobOutcome::Failed("the hotspot user keeps changing".to_owned()))
    }

    /// The router calls; why they did not succeed, if they did not.
    async fn bring_to(&self, place: Place, user: &HotspotUser, router: &Router) -> Option<JobOutcome> {
        let gateway = self.routers.gateway(router);
        let converged = match place {
            Place::Absent => remove(&*gateway, user).await.map(|()| Converged::Ready),
            Place::Enabled | Place::Disabled => {
                let wanted = match self.wanted(user) {
                    Ok(wanted) => wanted,
                    // The key is missing: only a person can bring it back.
                    Err(error) => return Some(JobOutcome::Hopeless(error.to_string())),
                };
                if place == Place::Enabled {
                    converge(&*gateway, &wanted).await
                } else {
                    converge_disabled(&*gateway, &wanted).await
                }
            }
        };
        match converged {
            Ok(Converged::Ready) => None,
            Ok(Converged::NameTaken) => Some(JobOutcome::Failed(format!(
                "router {} knows somebody else as {}",
                router.name, user.username
            ))),
            Err(error) => Some(obstacle(&error, router)),
        }
    }
}

const fn has_job_of_its_own(user: &HotspotUser, place: Place) -> bool {
    matches!((user.status, place), (HotspotUserStatus::Pending, Place::Enabled))
}

fn obstacle(error: &RouterError, router: &Router) -> JobOutcome {
    let text = format!("router {}: {error}", router.name);
    if error.may_pass() { JobOutcome::Waiting(text) } else { JobOutcome::Failed(text) }
}
