//! Paying with what we owe the customer. No gateway is asked: the payment is there when it has succeeded.

use kernel::{
    Id, IdempotencyKey, Money, Origin, StoreError,
    audit::AuditRecord,
    id::ids::{OrderId, PaymentId, UserId},
};

use super::{Billing, KeyReused, claimed, own_means::OwnPayment};
use crate::{
    ledger::{Account, Line},
    order::OrderStatus,
    payment::Means,
};

/// What a customer wants to pay with their credit.
#[derive(Debug, Clone)]
pub struct PayWithCredit {
    /// Whose order it must be, and whose credit it is.
    pub user_id: UserId,
    /// The order.
    pub order_id: OrderId,
    /// The client's promise that a repeat is the same payment.
    pub idempotency: Option<IdempotencyKey>,
}

/// Why an order was not paid with credit.
#[derive(Debug, thiserror::Error)]
pub enum PayWithCreditError {
    /// The caller has no such order.
    #[error("there is no such order")]
    NotFound,
    /// The order is paid, or has ended.
    #[error("the order is {}", .0.as_str())]
    NotPayable(OrderStatus),
    /// Another payment for it may still bring money.
    #[error("a payment is under way")]
    PaymentUnderWay,
    /// There is less credit than the order costs.
    #[error("the credit is {0}")]
    NotEnough(Money),
    /// The idempotency key was used for another payment.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Pays an order with its customer's credit. A repeat under the same idempotency key gives the first payment's id.
    ///
    /// # Errors
    /// [`PayWithCreditError`].
    pub async fn pay_with_credit(
        &self,
        origin: &Origin,
        command: PayWithCredit,
    ) -> Result<PaymentId, PayWithCreditError> {
        let id = Id::generate(&self.ambient);
        let mut tx = self.store.begin().await?;
        if let Some(earlier) =
            claimed::<_, PayWithCreditError>(tx.as_mut(), command.idempotency.as_ref(), id).await?
        {
            return Ok(earlier);
        }
        let order = tx.lock_order(command.order_id).await?;
        let order = order.filter(|order| order.contact.user_id == Some(command.user_id));
        let order = order.ok_or(PayWithCreditError::NotFound)?;
        if order.status != OrderStatus::Pending {
            return Err(PayWithCreditError::NotPayable(order.status));
        }
        if tx.has_live_payment(order.id).await? {
            return Err(PayWithCreditError::PaymentUnderWay);
        }
        let credit = Account::CreditOf(command.user_id);
        let available = tx.lock_available(credit, order.total.currency()).await?;
        if available.minor() < order.total.minor() {
            return Err(PayWithCreditError::NotEnough(available));
        }
        let from = vec![Line { account: credit, amount: order.total }];
        let own = OwnPayment { id, means: Means::Credit, reason: "paid_with_credit", from };
        self.pay_by_own_means(tx.as_mut(), origin, &order, own).await?;
        let record =
            AuditRecord::success(&self.ambient, origin, "payment", "credit", format!("payment:{id}"));
        tx.audit(record).await?;
        tx.commit().await?;
        Ok(id)
    }
}
