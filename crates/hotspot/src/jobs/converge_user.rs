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
    desired_state::{cap_fits, left_of},
    hotspot_user::{HotspotUser, HotspotUserStatus, Place},
    ports::{HotspotTx, RouterError, RouterGateway, WantedUser},
    router::Router,
    session::SessionEnding,
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
            if let Some(obstacle) = self.bring_to(place, &user, &router).await? {
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

    /// The router calls; why they did not succeed, if they did not. Sessions that were ended on the way are written
    /// down as over in either case.
    async fn bring_to(
        &self,
        place: Place,
        user: &HotspotUser,
        router: &Router,
    ) -> Result<Option<JobOutcome>, StoreError> {
        let gateway = self.routers.gateway(router);
        let (asked_at, mut ended) = (self.ambient.now(), Vec::new());
        let converged = if place == Place::Absent {
            remove(&*gateway, user, &mut ended).await.map(|()| Converged::Ready)
        } else {
            let wanted = match self.wanted(user) {
                Ok(wanted) => wanted,
                // The key is missing: only a person can bring it back.
                Err(error) => return Ok(Some(JobOutcome::Hopeless(error.to_string()))),
            };
            let used = self.reads.usage(user.id).await?.bytes();
            match entitled(&*gateway, wanted, used).await {
                Err(error) => Err(error),
                Ok(wanted) if place == Place::Enabled => converge(&*gateway, &wanted).await,
                Ok(wanted) => converge_disabled(&*gateway, &wanted, &mut ended).await,
            }
        };
        self.close_ended(router, &ended, asked_at, SessionEnding::CredentialsOver).await?;
        Ok(match converged {
            Ok(Converged::Ready) => None,
            Ok(Converged::NameTaken) => Some(JobOutcome::Failed(format!(
                "router {} knows somebody else as {}",
                router.name, user.username
            ))),
            Err(error) => Some(obstacle(&error, router)),
        })
    }
}

/// What is wanted, with the cap that is right now. A router counts a user's bytes from when it was made: one that is
/// missing gets what is left. One whose cap is neither that nor what was sold is taken off, so that it is made, and
/// counted, anew; its sessions go on.
async fn entitled(
    router: &dyn RouterGateway,
    mut wanted: WantedUser,
    used: u64,
) -> Result<WantedUser, RouterError> {
    let sold = wanted.policy.data_cap_bytes;
    if sold.is_none() || used == 0 {
        return Ok(wanted);
    }
    let seen = router.find_user(&wanted.name).await?;
    wanted.policy.data_cap_bytes = match seen.filter(|seen| seen.is_ours(&wanted.marker)) {
        Some(seen) if cap_fits(sold, used, seen.policy.data_cap_bytes) => seen.policy.data_cap_bytes,
        Some(seen) => {
            router.remove_user(&seen.name).await?;
            left_of(sold, used)
        }
        None => left_of(sold, used),
    };
    Ok(wanted)
}

const fn has_job_of_its_own(user: &HotspotUser, place: Place) -> bool {
    matches!((user.status, place), (HotspotUserStatus::Pending, Place::Enabled))
}

fn obstacle(error: &RouterError, router: &Router) -> JobOutcome {
    let text = format!("router {}: {error}", router.name);
    if error.may_pass() { JobOutcome::Waiting(text) } else { JobOutcome::Failed(text) }
}
