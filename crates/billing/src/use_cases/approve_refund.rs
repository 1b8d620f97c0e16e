//! Approving a refund: from then on the money is owed back, and what it was paid for is not owed any more.

use std::collections::BTreeSet;

use kernel::{
    Money, Origin, StoreError,
    audit::AuditRecord,
    events::billing::UnitsWithdrawn,
    id::ids::{RefundId, UnitId},
};

use super::{Billing, refund_steps::Held, request_refund::used_among};
use crate::{
    jobs::SubmitRefund,
    ledger::{Account, Posting, Source},
    order::Order,
    ports::BillingTx,
    refund::{
        Refund, RefundStatus, RefundWay,
        lines::{Before, Credited, reserve},
    },
    task::TaskKind,
    unit::UnitStatus,
};

/// Why a refund cannot be approved now.
#[derive(Debug, thiserror::Error)]
pub enum CannotApprove {
    /// What was too much became the customer's credit, and of that less is left.
    #[error("{0} is left of the customer's credit")]
    CreditSpent(Money),
    /// This payment's money cannot go back in this way, or not any more.
    #[error("it cannot go back by {}", .0.as_str())]
    WayClosed(RefundWay),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a refund was not approved.
#[derive(Debug, thiserror::Error)]
pub enum ApproveRefundError {
    /// There is no such refund.
    #[error("there is no such refund")]
    NotFound,
    /// Whoever asked for it cannot be the second person.
    #[error("whoever asks for a refund does not approve it")]
    OwnRequest,
    /// It does not wait for that.
    #[error("the refund is {}", .0.as_str())]
    NotRequested(RefundStatus),
    /// Units were used since it was asked for.
    #[error("units {0:?} were used")]
    Used(Vec<u32>),
    /// It cannot be approved now.
    #[error(transparent)]
    CannotApprove(#[from] CannotApprove),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Approves what somebody else has asked for. `used` are the units of the order that are known to have been used.
    ///
    /// # Errors
    /// [`ApproveRefundError`].
    pub async fn approve_refund(
        &self,
        origin: &Origin,
        id: RefundId,
        used: &BTreeSet<UnitId>,
    ) -> Result<(), ApproveRefundError> {
        let mut tx = self.store.begin().await?;
        let found = self.lock_refund(tx.as_mut(), id).await?;
        let mut held = found.ok_or(ApproveRefundError::NotFound)?;
        let Held { order, refund, .. } = &held;
        if refund.status != RefundStatus::Requested {
            return Err(ApproveRefundError::NotRequested(refund.status));
        }
        if refund.requested_by == origin.actor.to_string() {
            return Err(ApproveRefundError::OwnRequest);
        }
        let used = used_among(&refund.units, &tx.units_of(order.id).await?, used);
        if !used.is_empty() && !refund.even_if_used {
            return Err(ApproveRefundError::Used(used));
        }
        self.approve(tx.as_mut(), origin, &mut held).await?;
        let record = AuditRecord::success(&self.ambient, origin, "refund", "approve", format!("refund:{id}"));
        tx.audit(record).await?;
        Ok(tx.commit().await?)
    }

    /// The money is owed back, the units are owed no more, and the way back begins.
    pub(super) async fn approve(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        held: &mut Held,
    ) -> Result<(), CannotApprove> {
        let Held { order, payment, credited, refund } = held;
        if refund.way == RefundWay::Credit && !can_have_credit(tx, order).await? {
            return Err(CannotApprove::WayClosed(refund.way));
        }
        if let Credited::Customer(account @ Account::CreditOf(_)) = *credited {
            let available = tx.lock_available(account, refund.amount.currency()).await?;
            if available.minor() < refund.amount.minor() {
                return Err(CannotApprove::CreditSpent(available));
            }
        }
        self.step_refund(tx, origin, refund, RefundStatus::Approved, "approved").await?;
        let before = approved_before(tx, refund).await?;
        let lines = reserve(refund, *credited, order, payment, before).map_err(StoreError::corrupt)?;
        let source = Source::RefundApproval(refund.id.as_uuid());
        self.post_once(tx, &Posting::balanced(source, lines, self.ambient.now())).await?;
        self.withdraw(tx, origin, order, &refund.units).await?;
        match refund.way {
            RefundWay::Gateway => self.enqueue(tx, origin, &SubmitRefund { refund_id: refund.id }).await?,
            RefundWay::Credit | RefundWay::AgentWallet => {
                self.paid_back(tx, origin, held, ("booked", None)).await?;
            }
            RefundWay::Cash | RefundWay::Transfer => {
                let message =
                    format!("refund {} of {} waits for staff to pay it out", refund.id, refund.amount);
                self.call_a_person(tx, origin, payment, TaskKind::RefundToPay, message).await?;
            }
        }
        Ok(())
    }

    /// The units with these numbers are not owed any more, and whoever makes credentials hears of it.
    pub(super) async fn withdraw(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        order: &Order,
        numbers: &[u32],
    ) -> Result<(), StoreError> {
        let mut units = tx.units_of(order.id).await?;
        let mut withdrawn = Vec::new();
        for unit in units.iter_mut().filter(|unit| numbers.contains(&unit.number)) {
            if UnitStatus::Withdrawn.reached_from().contains(&unit.status) {
                unit.status = UnitStatus::Withdrawn;
                tx.update_unit(unit).await?;
                withdrawn.push(unit.id);
            }
        }
        if withdrawn.is_empty() {
            return Ok(());
        }
        self.project(tx, origin, order, &units).await?;
        self.tell(tx, origin, &UnitsWithdrawn { order_id: order.id, units: withdrawn }).await
    }
}

/// Whether who has ordered has an account that can have credit: not one that is deleted, though some of its orders are not
/// forgotten yet.
pub(super) async fn can_have_credit(tx: &mut dyn BillingTx, order: &Order) -> Result<bool, StoreError> {
    Ok(order.contact.user_id.is_some() && !tx.is_being_forgotten(order.id).await?)
}

/// What refunds of the same payment that were approved and hold have come to.
async fn approved_before(tx: &mut dyn BillingTx, refund: &Refund) -> Result<Before, StoreError> {
    let nothing = Money::zero(refund.amount.currency());
    let mut before = Before { amount: nothing, unsold: nothing };
    for other in tx.refunds_of(refund.payment_id).await? {
        if other.id == refund.id || !other.status.holds() {
            continue;
        }
        let posted = tx.approval_of(other.id).await?;
        if posted.is_empty() {
            continue;
        }
        before.amount = before.amount.checked_add(other.amount).map_err(StoreError::corrupt)?;
        for line in posted.iter().filter(|line| line.account == Account::Suspense) {
            before.unsold = before.unsold.checked_add(line.amount).map_err(StoreError::corrupt)?;
        }
    }
    Ok(before)
}
