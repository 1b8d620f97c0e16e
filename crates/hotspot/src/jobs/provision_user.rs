//! A pending hotspot user gets onto its router, and becomes active or, when the router will not have it,
//! failed.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    Event, Id, Job, JobHandler, JobOutcome, JobSpec as _, Origin, StoreError, Timestamp,
    events::{
        alert::{AlertRaised, Severity},
        hotspot::{HotspotUserFailed, HotspotUserProvisioned},
    },
    id::ids::HotspotUserId,
    sealed::SealError,
};

use super::ProvisionUser;
use crate::{
    converge::{Converged, converge},
    hotspot_user::{HotspotUser, HotspotUserStatus, Place, Transition},
    ports::{HotspotTx, WantedUser},
    use_cases::Hotspot,
};

/// The attempt at which a router's refusal is taken for its last word. With the queue's backoff that is a
/// quarter of a minute after the first, enough for a router in the midst of a change of its configuration.
pub const GIVE_UP_AFTER: u16 = 5;

/// Does [`ProvisionUser`].
#[derive(Debug)]
pub struct ProvisionUserHandler(pub Arc<Hotspot>);

#[async_trait]
impl JobHandler for ProvisionUserHandler {
    fn kind(&self) -> &'static str {
        ProvisionUser::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let spec = match job.spec::<ProvisionUser>() {
            Ok(spec) => spec,
            Err(error) => return JobOutcome::Hopeless(error.to_string()),
        };
        let attempted = self.0.attempt(job, spec.hotspot_user_id).await;
        attempted.unwrap_or_else(|error| JobOutcome::Failed(error.to_string()))
    }
}

impl Hotspot {
    async fn attempt(&self, job: &Job, id: HotspotUserId) -> Result<JobOutcome, StoreError> {
        let Some((mut user, router)) = self.reads.user_and_router(id).await? else {
            return Ok(JobOutcome::Hopeless(format!("there is no hotspot user {id}")));
        };
        if user.status != HotspotUserStatus::Pending {
            return Ok(JobOutcome::Done);
        }
        if router.retired_at.is_some() {
            let reason = format!("router {} is out of use", router.name);
            return self.refused(job, &user, reason).await;
        }
        let gateway = self.routers.gateway(&router);
        loop {
            let wanted = match self.wanted(&user) {
                Ok(wanted) => wanted,
                // The key is missing: only a person can bring it back.
                Err(error) => return Ok(JobOutcome::Hopeless(error.to_string())),
            };
            match converge(&*gateway, &wanted).await {
                Ok(Converged::Ready) => return self.activate(job, &user).await,
                Ok(Converged::NameTaken) => match self.take_new_name(&user).await? {
                    Some(renamed) => user = renamed,
                    None => {
                        let reason = format!("the router knows somebody else as {}", user.username);
                        return self.refused(job, &user, reason).await;
                    }
                },
                Err(error) if error.may_pass() => {
                    return Ok(JobOutcome::Waiting(format!("router {}: {error}", router.name)));
                }
                Err(error) => return self.refused(job, &user, error.to_string()).await,
            }
        }
    }

    /// What the router is to have: read off the row alone, so that every repeat wants the same.
    pub(crate) fn wanted(&self, user: &HotspotUser) -> Result<WantedUser, SealError> {
        Ok(WantedUser {
            name: user.username.clone(),
            password: self.open_password(user)?,
            marker: user.marker.clone(),
            contact: user.contact.clone(),
            policy: user.policy.clone(),
        })
    }

    /// Writes down that the router has the user. The validity begins here, in the one transaction that can
    /// make the user active, and not with a router call that may be repeated.
    async fn activate(&self, job: &Job, on_router: &HotspotUser) -> Result<JobOutcome, StoreError> {
        let origin = origin_of(job);
        let mut tx = self.store.begin().await?;
        let Some(user) = tx.lock_user(on_router.id).await? else {
            return Ok(JobOutcome::Done);
        };
        if user.username != on_router.username {
            return Ok(JobOutcome::Failed("another worker gave it a new name".to_owned()));
        }
        let at = self.ambient.now();
        let expires_at = user.end_of_validity(at);
        let moved = user.router_id != on_router.router_id;
        if !moved && tx.transition(user.id, &Transition::Activate { at, expires_at }).await? {
            self.tell_ready(&mut *tx, &user, expires_at, &origin).await?;
            tx.commit().await?;
            tracing::info!(hotspot_user = %user.id, order = %user.order_id, "hotspot user is on its router");
        } else if user.place_on(on_router.router_id) != Place::Enabled {
            // It ended, was switched off or moved while we were at it, perhaps after the router was told so: what
            // we have put there goes again.
            self.send_to_converge(&mut *tx, user.id, on_router.router_id, &origin).await?;
            tx.commit().await?;
        }
        Ok(JobOutcome::Done)
    }

    /// Tells that credentials are ready, which ends the grace of a guest who has waited for them. Of a grace itself only
    /// whoever looks for it hears.
    async fn tell_ready(
        &self,
        tx: &mut dyn HotspotTx,
        user: &HotspotUser,
        expires_at: Option<Timestamp>,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        if user.is_grace() {
            return Ok(());
        }
        if user.contact.user_id.is_none() {
            self.end_grace(tx, user.order_id, None, origin).await?;
        }
        tx.append(Event::new(&self.ambient, origin, &provisioned(user, expires_at))?).await
    }

    /// Gives a user whose name somebody else has on the router another one, once; `None` the second time. If
    /// another worker was first, its name is the one.
    async fn take_new_name(&self, user: &HotspotUser) -> Result<Option<HotspotUser>, StoreError> {
        let mut tx = self.store.begin().await?;
        let Some(current) = tx.lock_user(user.id).await? else {
            return Ok(None);
        };
        if current.username != user.username {
            return Ok(Some(current));
        }
        let Some(name) = self.credentials.usernames(&self.ambient).next() else {
            return Ok(None);
        };
        if !tx.rename_user(user.id, &user.username, &name).await? {
            return Ok(None);
        }
        tx.commit().await?;
        tracing::warn!(hotspot_user = %user.id, "the router knows somebody else by this name; it gets a new one");
        Ok(Some(HotspotUser { renamed_from: Some(current.username), username: name, ..current }))
    }

    async fn refused(&self, job: &Job, user: &HotspotUser, reason: String) -> Result<JobOutcome, StoreError> {
        if job.attempt < GIVE_UP_AFTER {
            return Ok(JobOutcome::Failed(reason));
        }
        let origin = origin_of(job);
        let mut tx = self.store.begin().await?;
        let now = tx.lock_user(user.id).await?;
        if now.is_some_and(|now| now.router_id != user.router_id) {
            return Ok(JobOutcome::Failed(reason));
        }
        let step = Transition::Fail { reason: reason.clone() };
        if tx.transition(user.id, &step).await? {
            // Of a grace nothing is owed, and nobody has to look.
            if !user.is_grace() {
                self.tell_failure(&mut *tx, user, reason, &origin).await?;
            }
            tx.commit().await?;
        }
        // The failure is on record; the retry is a person's.
        Ok(JobOutcome::Done)
    }

    async fn tell_failure(
        &self,
        tx: &mut dyn HotspotTx,
        user: &HotspotUser,
        reason: String,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let message = format!(
            "unit {} of order {} could not be put on its router: {reason}",
            user.unit_number, user.order_number
        );
        tracing::error!(hotspot_user = %user.id, order = %user.order_id, "{message}");
        let failed = HotspotUserFailed {
            hotspot_user_id: user.id,
            order_id: user.order_id,
            unit_id: user.unit_id,
            reason,
        };
        tx.append(Event::new(&self.ambient, origin, &failed)?).await?;
        let alert = AlertRaised {
            subject_id: Id::from_uuid(user.id.as_uuid()),
            code: "hotspot_user_failed".to_owned(),
            severity: Severity::High,
            message,
            order_id: Some(user.order_id),
        };
        tx.append(Event::new(&self.ambient, origin, &alert)?).await
    }
}

fn origin_of(job: &Job) -> Origin {
    Origin::system("hotspot").within(job.request_id.clone())
}

fn provisioned(user: &HotspotUser, expires_at: Option<Timestamp>) -> HotspotUserProvisioned {
    HotspotUserProvisioned {
        hotspot_user_id: user.id,
        order_id: user.order_id,
        order_number: user.order_number.clone(),
        unit_id: user.unit_id,
        router_id: user.router_id,
        contact: user.contact.clone(),
        package_name: user.package_name.clone(),
        username: user.username.clone(),
        sealed_password: user.sealed_password.clone(),
        validity_minutes: user.validity_minutes,
        expires_at,
    }
}
