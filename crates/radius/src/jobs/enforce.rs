//! The ladder, climbed: each run does what [`next`] says, one step. What is tried is written down before and after the
//! call, and the call is made outside any transaction, so that a process that dies anywhere leaves what the next one
//! needs to go on.

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use kernel::{
    Event, Id, Job, JobHandler, JobOutcome, JobSpec, Origin, Queue, StoreError, Timestamp,
    events::alert::{AlertRaised, Severity},
    id::ids::RadiusSessionId,
};
use serde::{Deserialize, Serialize};

use crate::{
    enforcement::{Attempt, Enforcement, Look, Next, Outcome, Rung, Settled, Wish, next},
    nas_client::NasClient,
    ports::{
        Kicked, KickedDevice, RadiusTx,
        nas::{NasAnswer, NasTarget, Order, SessionNames, Told},
    },
    session::Session,
    use_cases::Radius,
};

/// Does the next step for what is wanted of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enforce {
    /// The session.
    pub session_id: RadiusSessionId,
    /// Which of the wishes for it.
    pub revision: u32,
}

impl JobSpec for Enforce {
    const KIND: &'static str = "radius.enforce";
    const QUEUE: Queue = Queue::High;
}

/// Does [`Enforce`].
#[derive(Debug)]
pub struct EnforceHandler(pub Arc<Radius>);

#[async_trait]
impl JobHandler for EnforceHandler {
    fn kind(&self) -> &'static str {
        Enforce::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        match job.spec::<Enforce>() {
            Ok(spec) => self.0.enforce(spec).await.into(),
            Err(error) => JobOutcome::Hopeless(error.to_string()),
        }
    }
}

impl Radius {
    async fn enforce(&self, spec: Enforce) -> Result<(), StoreError> {
        let Some(enforcement) = self.reads.enforcement_of(spec.session_id).await? else { return Ok(()) };
        if enforcement.settled.is_some() || enforcement.revision != spec.revision {
            return Ok(());
        }
        let Some(session) = self.reads.find_radius_session(spec.session_id).await? else { return Ok(()) };
        let mut attempts = self.reads.attempts_with(spec.session_id).await?;
        attempts.retain(|attempt| attempt.revision == spec.revision);
        let look = Look { over: session.stopped_at.is_some(), last_seen_at: session.last_seen_at };
        match next(enforcement.wish, &attempts, look, self.ambient.now()) {
            Next::Settle(settled) => self.settle(enforcement, &session, &attempts, settled).await,
            Next::Try(rung) => self.climb(&enforcement, &session, &attempts, rung).await,
            Next::Wait(until) => {
                let mut tx = self.store.begin().await?;
                self.look_after(&mut *tx, &enforcement, until, None).await?;
                tx.commit().await
            }
        }
    }

    async fn settle(
        &self,
        enforcement: Enforcement,
        session: &Session,
        attempts: &[Attempt],
        settled: Settled,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        if tx.lock_enforcement(session.id).await?.as_ref() != Some(&enforcement) {
            return Ok(());
        }
        // Accounting was sooner than the answer, or the process has died in it.
        give_up(&mut *tx, attempts, self.ambient.now()).await?;
        let revision = enforcement.revision;
        let done = Enforcement { settled: Some((self.ambient.now(), settled)), ..enforcement };
        if !tx.save_enforcement(&done).await? {
            return Ok(());
        }
        if settled == Settled::Alerted {
            let alert = AlertRaised {
                subject_id: Id::from_uuid(session.id.as_uuid()),
                code: "radius_session_not_ended".to_owned(),
                severity: Severity::High,
                message: format!(
                    "The session of {} on the NAS {} goes on against what is wanted of it.",
                    session.username, session.nas_address
                ),
                order_id: None,
            };
            tx.append(Event::new(&self.ambient, &Origin::system("enforcement"), &alert)?).await?;
        }
        tracing::info!(session = %session.id, revision, settled = settled.as_str(), "a wish is settled");
        tx.commit().await
    }

    /// Tries one rung.
    async fn climb(
        &self,
        enforcement: &Enforcement,
        session: &Session,
        attempts: &[Attempt],
        rung: Rung,
    ) -> Result<(), StoreError> {
        let number = u32::try_from(attempts.len()).unwrap_or(u32::MAX).saturating_add(1);
        let mut attempt = Attempt {
            id: Id::generate(&self.ambient),
            session_id: session.id,
            revision: enforcement.revision,
            number,
            rung,
            begun_at: self.ambient.now(),
            ended: None,
            identifier: None,
            transmissions: 0,
        };
        let mut tx = self.store.begin().await?;
        if tx.lock_enforcement(session.id).await?.as_ref() != Some(enforcement) {
            return Ok(());
        }
        give_up(&mut *tx, attempts, attempt.begun_at).await?;
        if !tx.begin_attempt(&attempt).await? {
            // Another process is at it, and goes on.
            return Ok(());
        }
        tx.commit().await?;
        let (outcome, told) = self.have_done(rung, enforcement.wish, session).await?;
        tracing::info!(session = %session.id, rung = rung.as_str(), outcome = outcome.as_str(), "a rung was tried");
        attempt.ended = Some((self.ambient.now(), outcome));
        if let Some(told) = told {
            (attempt.identifier, attempt.transmissions) = (told.identifier, told.transmissions);
        }
        let mut tx = self.store.begin().await?;
        tx.end_attempt(&attempt).await?;
        self.look_after(&mut *tx, enforcement, self.ambient.now(), None).await?;
        tx.commit().await
    }

    /// Calls the NAS or the router; nothing is written meanwhile.
    async fn have_done(
        &self,
        rung: Rung,
        wish: Wish,
        session: &Session,
    ) -> Result<(Outcome, Option<Told>), StoreError> {
        let not_sent = |reason: &str| Ok((Outcome::NotSent(reason.to_owned()), None));
        let Ok(address) = session.nas_address.parse::<IpAddr>() else {
            return not_sent("the NAS has no address");
        };
        let Some(nas) = self.reads.nas_client_at(address).await? else {
            return not_sent("no NAS client is known at this address");
        };
        let order = match (rung, wish) {
            (Rung::RouterApi, _) => return Ok((self.kick(&nas, session).await, None)),
            (Rung::Change | Rung::ChangeUnnamed, Wish::Change(limits)) => Order::Change(limits),
            (Rung::Change | Rung::ChangeUnnamed | Rung::Disconnect | Rung::DisconnectUnnamed, _) => {
                Order::Disconnect
            }
        };
        if nas.coa_port == 0 {
            return not_sent("the NAS client takes no orders");
        }
        let secret = match self.nas_secret(&nas) {
            Ok(secret) => secret,
            Err(error) => return not_sent(&error.to_string()),
        };
        let target = NasTarget { address: (nas.address, nas.coa_port).into(), secret, vendor: nas.vendor };
        let told = self.nas.tell(&target, &names(session, address, rung), &order).await;
        let outcome = match told.answer.clone() {
            NasAnswer::Ack => Outcome::Ack,
            NasAnswer::Nak(cause) => Outcome::Nak(cause),
            NasAnswer::Silence => Outcome::Silence,
            NasAnswer::NotSent(reason) => Outcome::NotSent(reason),
        };
        Ok((outcome, Some(told)))
    }

    async fn kick(&self, nas: &NasClient, session: &Session) -> Outcome {
        let Some(router) = nas.router_id else {
            return Outcome::NotSent("the NAS client is no router that the portal reaches".to_owned());
        };
        let device = KickedDevice {
            username: session.username.clone(),
            address: session.address,
            mac: session.mac.clone(),
        };
        match self.routers.kick(router, &device).await {
            Kicked::Gone => Outcome::Removed,
            Kicked::Failed(reason) => Outcome::NotSent(reason),
        }
    }
}

/// Writes that nobody knows how the last try ended, if it has no end.
async fn give_up(tx: &mut dyn RadiusTx, attempts: &[Attempt], at: Timestamp) -> Result<(), StoreError> {
    let Some(died) = attempts.last().filter(|last| last.ended.is_none()) else { return Ok(()) };
    tx.end_attempt(&Attempt { ended: Some((at, Outcome::Unknown)), ..died.clone() }).await
}

/// What the NAS finds the session by.
fn names(session: &Session, nas: IpAddr, rung: Rung) -> SessionNames {
    SessionNames {
        username: rung.names_the_user().then(|| session.username.clone()),
        session_id: session.session_id.clone(),
        address: match session.address {
            Some(IpAddr::V4(address)) => Some(address),
            Some(IpAddr::V6(_)) | None => None,
        },
        mac: session.mac.clone(),
        nas_address: Some(nas),
    }
}
