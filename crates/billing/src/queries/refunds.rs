//! Lists and details of refunds.

use kernel::{
    Page, PageRequest, StoreError, Timestamp,
    id::ids::{OrderId, PaymentId, RefundId},
};

use crate::{
    refund::{Refund, RefundStatus},
    use_cases::Billing,
};

/// Which refunds. An empty filter finds all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundFilter {
    /// Of this payment.
    pub payment_id: Option<PaymentId>,
    /// Of this order.
    pub order_id: Option<OrderId>,
    /// With this status.
    pub status: Option<RefundStatus>,
    /// Asked for at this moment or later.
    pub from: Option<Timestamp>,
    /// Asked for before this moment.
    pub to: Option<Timestamp>,
}

/// A kept move of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundMoveView {
    /// From this status.
    pub from: RefundStatus,
    /// To this.
    pub to: RefundStatus,
    /// Why, as a stable word.
    pub reason: String,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Evidence, as a person gave it.
    pub evidence: Option<String>,
}

impl Billing {
    /// Refunds, latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn refunds(
        &self,
        filter: &RefundFilter,
        page: PageRequest,
    ) -> Result<Page<Refund>, StoreError> {
        self.reads.refunds(filter, page).await
    }

    /// A refund with its moves.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn refund(&self, id: RefundId) -> Result<Option<(Refund, Vec<RefundMoveView>)>, StoreError> {
        let Some(refund) = self.reads.refund(id).await? else {
            return Ok(None);
        };
        let moves = self.reads.refund_moves(id).await?;
        Ok(Some((refund, moves)))
    }
}
