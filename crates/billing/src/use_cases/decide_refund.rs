//! A person's word on a refund: that the money has gone back, or that it has not and is not to.

use chrono::Duration;
use kernel::{Origin, StoreError, audit::AuditRecord, id::ids::RefundId};

use super::Billing;
use crate::{
    ports::BillingTx,
    refund::{Refund, RefundStatus},
};

/// How long a gateway that has a refund may take before a person's word counts.
const PATIENCE: Duration = Duration::days(1);

/// What a person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundDecision {
    /// The money has gone back.
    Confirm,
    /// It has not, and is not to in this way.
    Reject,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideRefundError {
    /// There is no such refund.
    #[error("there is no such refund")]
    NotFound,
    /// It does not wait for a person's word, or not for this one.
    #[error("the refund is {}", .0.as_str())]
    NotWaiting(RefundStatus),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Says that a refund that staff pay, or of which nobody knows, has been paid out or not, on some evidence. One that
    /// was only asked for may be rejected.
    ///
    /// # Errors
    /// [`DecideRefundError`].
    pub async fn decide_refund(
        &self,
        origin: &Origin,
        id: RefundId,
        decision: RefundDecision,
        evidence: String,
    ) -> Result<(), DecideRefundError> {
        let mut tx = self.store.begin().await?;
        let found = self.lock_refund(tx.as_mut(), id).await?;
        let mut held = found.ok_or(DecideRefundError::NotFound)?;
        let waits = self.waits_for_word(tx.as_mut(), &held.refund).await?;
        let (status, word) = (held.refund.status, evidence.clone());
        let action = match decision {
            RefundDecision::Confirm if waits => {
                self.paid_back(tx.as_mut(), origin, &mut held, ("confirmed_by_staff", Some(word))).await?;
                "confirm"
            }
            RefundDecision::Reject if waits || status == RefundStatus::Approved => {
                self.refund_rejected(tx.as_mut(), origin, &mut held, word).await?;
                "reject"
            }
            RefundDecision::Reject if status == RefundStatus::Requested => {
                let (refund, to) = (&mut held.refund, RefundStatus::Rejected);
                self.step_refund(tx.as_mut(), origin, refund, to, "not_approved").await?;
                "reject"
            }
            RefundDecision::Confirm | RefundDecision::Reject => {
                return Err(DecideRefundError::NotWaiting(status));
            }
        };
        let record = AuditRecord::success(&self.ambient, origin, "refund", action, format!("refund:{id}"));
        tx.audit(record.with(serde_json::json!({ "evidence": evidence }))).await?;
        Ok(tx.commit().await?)
    }

    /// Whether a person may say what became of it: where staff pay, and where the gateway does not tell, or has not for long
    /// since it took it.
    async fn waits_for_word(&self, tx: &mut dyn BillingTx, refund: &Refund) -> Result<bool, StoreError> {
        Ok(match refund.status {
            RefundStatus::Approved => refund.way.is_manual(),
            RefundStatus::Pending => {
                let taken_at = tx.refund_moved_at(refund.id).await?.unwrap_or(refund.created_at);
                taken_at + PATIENCE < self.ambient.now()
            }
            RefundStatus::Unknown => true,
            _ => false,
        })
    }
}
