//! A person's decision about a payment that the gateway's word alone does not settle.

use kernel::{Money, Origin, StoreError, audit::AuditRecord, id::ids::PaymentId};

use super::{Billing, settle::Evidence};
use crate::{payment::PaymentStatus, reason::FailureReason};

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The money has arrived, this much of it; the whole amount when nothing is said.
    Confirm(Option<Money>),
    /// The money has not arrived.
    Reject,
}

/// A decision with its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidePayment {
    /// The payment.
    pub payment_id: PaymentId,
    /// What was decided.
    pub decision: Decision,
    /// What it rests on: a transaction id, a line of a statement.
    pub evidence: String,
}

/// Why a decision was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum DecidePaymentError {
    /// There is no such payment.
    #[error("there is no such payment")]
    NotFound,
    /// It has succeeded, or may still do so by itself; or it is to be rejected and has come to nothing already.
    #[error("the payment is {}", .0.as_str())]
    NotWaiting(PaymentStatus),
    /// What arrived is in another currency than what was asked for.
    #[error("the amount is in another currency")]
    OtherCurrency,
    /// Nothing, or less, cannot have arrived.
    #[error("the amount is not more than zero")]
    NotAnAmount,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Carries out a person's decision about a held or unknown payment. One that was given up may be confirmed
    /// too: its money may have come without the gateway ever telling.
    ///
    /// # Errors
    /// [`DecidePaymentError`].
    pub async fn decide_payment(
        &self,
        origin: &Origin,
        command: DecidePayment,
    ) -> Result<(), DecidePaymentError> {
        let id = command.payment_id;
        let mut tx = self.store.begin().await?;
        let order_id = tx.order_of(id).await?.ok_or(DecidePaymentError::NotFound)?;
        let order = tx.lock_order(order_id).await?.ok_or(DecidePaymentError::NotFound)?;
        let payment = tx.lock_payment(id).await?.ok_or(DecidePaymentError::NotFound)?;
        let late = !payment.status.is_live();
        let waits = match payment.status {
            PaymentStatus::Held | PaymentStatus::Unknown => true,
            PaymentStatus::Failed | PaymentStatus::Expired | PaymentStatus::Cancelled => {
                command.decision != Decision::Reject
            }
            PaymentStatus::Created
            | PaymentStatus::Submitting
            | PaymentStatus::Pending
            | PaymentStatus::Success => false,
        };
        if !waits {
            return Err(DecidePaymentError::NotWaiting(payment.status));
        }
        let action = match command.decision {
            Decision::Confirm(received) => {
                let received = received.unwrap_or(payment.amount);
                if received.currency() != payment.amount.currency() {
                    return Err(DecidePaymentError::OtherCurrency);
                }
                if received.minor() <= 0 {
                    return Err(DecidePaymentError::NotAnAmount);
                }
                let mut change = self.change(origin, &payment, PaymentStatus::Success, "confirmed_by_staff");
                change.evidence = Some(command.evidence.clone());
                let evidence = Evidence::of_gateway(change, received, late);
                self.settle(tx.as_mut(), origin, &order, &payment, evidence).await?;
                "confirm"
            }
            Decision::Reject => {
                self.fail(tx.as_mut(), origin, &payment, FailureReason::RejectedByStaff).await?;
                "reject"
            }
        };
        let record = AuditRecord::success(&self.ambient, origin, "payment", action, format!("payment:{id}"));
        tx.audit(record.with(serde_json::json!({ "evidence": command.evidence }))).await?;
        Ok(tx.commit().await?)
    }
}
