//! Staff, a quota or a change of what somebody may: an open session is to end or to go on otherwise. What is wanted is
//! written down here; a job climbs the ladder until it is so.

use kernel::{
    NewJob, Origin, RequestId, StoreError, Timestamp, audit::AuditRecord, id::ids::RadiusSessionId,
};
use serde_json::json;

use super::Radius;
use crate::{
    enforcement::{Attempt, Enforcement, Wish},
    jobs::Enforce,
    ports::RadiusTx,
    session::Session,
};

/// Why a session cannot be ended.
#[derive(Debug, thiserror::Error)]
pub enum EnforceSessionError {
    /// There is no such session.
    #[error("no such session")]
    NotFound,
    /// It is over.
    #[error("the session is over")]
    Over,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why somebody's session is to end or change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Staff want it so.
    Staff,
    /// A quota is used up, or there is something left again.
    Quota,
    /// The subscriber may not sign in any more.
    Disabled,
    /// What the subscriber may has changed.
    Profile,
}

impl Reason {
    /// The word for it, as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Quota => "quota",
            Self::Disabled => "disabled",
            Self::Profile => "profile",
        }
    }
}

/// What is wanted of a session and what was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnforcementView {
    /// The session.
    pub session: Session,
    /// What is wanted, if anything ever was.
    pub enforcement: Option<Enforcement>,
    /// What was tried, oldest first, for this wish and earlier ones.
    pub attempts: Vec<Attempt>,
}

impl Radius {
    /// Has an open session ended. Who signs in again gets in, if they may.
    ///
    /// # Errors
    /// [`EnforceSessionError`].
    pub async fn end_session(&self, id: RadiusSessionId, origin: &Origin) -> Result<(), EnforceSessionError> {
        let session = self.reads.find_radius_session(id).await?.ok_or(EnforceSessionError::NotFound)?;
        if session.stopped_at.is_some() {
            return Err(EnforceSessionError::Over);
        }
        let mut tx = self.store.begin().await?;
        self.want(&mut *tx, id, (Wish::End, Reason::Staff), origin.request_id.clone()).await?;
        let record = AuditRecord::success(
            &self.ambient,
            origin,
            "radius_session",
            "terminate",
            format!("radius_session:{id}"),
        );
        let details = json!({ "username": session.username, "nas": session.nas_address, "mac": session.mac });
        tx.audit(record.with(details)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What is wanted of a session and what was tried; nothing if there is no such session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enforcement(&self, id: RadiusSessionId) -> Result<Option<EnforcementView>, StoreError> {
        let Some(session) = self.reads.find_radius_session(id).await? else { return Ok(None) };
        let enforcement = self.reads.enforcement_of(id).await?;
        let attempts = self.reads.attempts_with(id).await?;
        Ok(Some(EnforcementView { session, enforcement, attempts }))
    }

    /// Writes down what is wanted of a session, and has it done. An end that is being enforced is not taken back for
    /// another wish, and a wish that is being enforced not begun anew.
    pub(crate) async fn want(
        &self,
        tx: &mut dyn RadiusTx,
        session_id: RadiusSessionId,
        (wish, reason): (Wish, Reason),
        request_id: Option<RequestId>,
    ) -> Result<(), StoreError> {
        let known = tx.lock_enforcement(session_id).await?;
        let at_hand = known.as_ref().filter(|known| known.settled.is_none()).map(|known| known.wish);
        if at_hand.is_some_and(|at_hand| at_hand == wish || at_hand == Wish::End) {
            return Ok(());
        }
        let enforcement = Enforcement {
            session_id,
            wish,
            reason: reason.as_str().to_owned(),
            asked_at: self.ambient.now(),
            revision: known.map_or(1, |known| known.revision.saturating_add(1)),
            settled: None,
        };
        if tx.save_enforcement(&enforcement).await? {
            self.look_after(tx, &enforcement, enforcement.asked_at, request_id).await?;
        }
        Ok(())
    }

    /// Has a worker look at a wish at some moment.
    pub(crate) async fn look_after(
        &self,
        tx: &mut dyn RadiusTx,
        enforcement: &Enforcement,
        at: Timestamp,
        request_id: Option<RequestId>,
    ) -> Result<(), StoreError> {
        let Enforcement { session_id, revision, .. } = *enforcement;
        let job = NewJob::new(&self.ambient, &Enforce { session_id, revision }, request_id)?;
        tx.enqueue(job.not_before(at)).await
    }
}
