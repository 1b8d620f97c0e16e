//! Asking for a payment. A local transaction only: the gateway is called by the job that it leaves behind.

use chrono::Duration;
use kernel::{
    Id, IdempotencyKey, Money, Msisdn, Origin, StoreError,
    audit::AuditRecord,
    events::billing::PaymentInitiated,
    id::ids::{OrderId, PaymentId},
};

use super::{Billing, KeyReused, claimed};
use crate::{
    jobs::SubmitPayment,
    limits::AmountRefused,
    order::{Order, OrderStatus},
    payment::{Operator, Payment, PaymentStatus, Wallet, next_check},
    ports::BillingTx,
    queries::Scope,
};

/// How a customer wants to pay.
#[derive(Debug, Clone)]
pub struct InitiatePayment {
    /// Which orders the caller may pay.
    pub scope: Scope,
    /// The order.
    pub order_id: OrderId,
    /// The phone to ask.
    pub phone: Msisdn,
    /// The operator of its wallet.
    pub operator: Operator,
    /// The client's promise that a repeat is the same payment.
    pub idempotency: Option<IdempotencyKey>,
}

/// Why a payment was not begun.
#[derive(Debug, thiserror::Error)]
pub enum InitiatePaymentError {
    /// The caller has no such order.
    #[error("there is no such order")]
    NotFound,
    /// The order is paid, or has ended.
    #[error("the order is {}", .0.as_str())]
    NotPayable(OrderStatus),
    /// Another payment for it may still bring money.
    #[error("a payment is under way")]
    PaymentUnderWay,
    /// The gateway does not take this amount.
    #[error("the gateway does not take this amount")]
    Amount(AmountRefused),
    /// The phone, account or address has asked too often.
    #[error("too many payments were asked for")]
    TooManyPushes {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The idempotency key was used for another payment.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Writes a payment down and leaves it to be submitted. A repeat under the same idempotency key gives the
    /// first payment's id.
    ///
    /// # Errors
    /// [`InitiatePaymentError`].
    pub async fn initiate_payment(
        &self,
        origin: &Origin,
        command: InitiatePayment,
    ) -> Result<PaymentId, InitiatePaymentError> {
        let id = Id::generate(&self.ambient);
        let mut tx = self.store.begin().await?;
        if let Some(earlier) =
            claimed::<_, InitiatePaymentError>(tx.as_mut(), command.idempotency.as_ref(), id).await?
        {
            return Ok(earlier);
        }
        let order = tx.lock_order(command.order_id).await?;
        let order = order.filter(|order| command.scope.shows_order(order));
        let order = order.ok_or(InitiatePaymentError::NotFound)?;
        if order.status != OrderStatus::Pending {
            return Err(InitiatePaymentError::NotPayable(order.status));
        }
        // Nobody can be told what it brings, and the phone would be here again.
        if tx.is_forgotten(order.id).await? {
            return Err(InitiatePaymentError::NotFound);
        }
        if tx.has_live_payment(order.id).await? {
            return Err(InitiatePaymentError::PaymentUnderWay);
        }
        self.check_amount(tx.as_mut(), &order, command.operator).await?;
        self.check_pushes(tx.as_mut(), origin, &order, &command.phone).await?;
        let payment = self.new_payment(id, origin, &command, &order);
        tx.insert_payment(&payment).await?;
        self.grant_grace(tx.as_mut(), origin, &order, &payment).await?;
        self.enqueue(tx.as_mut(), origin, &SubmitPayment { payment_id: id }).await?;
        let initiated = PaymentInitiated { payment_id: id, order_id: order.id, amount: order.total };
        self.tell(tx.as_mut(), origin, &initiated).await?;
        let record =
            AuditRecord::success(&self.ambient, origin, "payment", "initiate", format!("payment:{id}"));
        tx.audit(record.with(serde_json::json!({ "phone": command.phone.masked() }))).await?;
        tx.commit().await?;
        Ok(id)
    }

    fn new_payment(
        &self,
        id: PaymentId,
        origin: &Origin,
        command: &InitiatePayment,
        order: &Order,
    ) -> Payment {
        let now = self.ambient.now();
        Payment {
            id,
            order_id: order.id,
            user_id: order.contact.user_id,
            gateway: self.gateways.chosen().name().to_owned(),
            reference: self.ambient.uuid_v4(),
            provider_ref: None,
            wallet: Some(Wallet { phone: Some(command.phone.clone()), operator: command.operator }),
            amount: order.total,
            received: None,
            refunded: Money::zero(order.total.currency()),
            status: PaymentStatus::Created,
            late: false,
            reason: None,
            ip: origin.ip,
            created_at: now,
            expires_at: now + Duration::minutes(self.settings.payment_window_minutes),
            settled_at: None,
            next_check_at: next_check(PaymentStatus::Created, 0, now),
            checks: 0,
        }
    }

    async fn check_amount(
        &self,
        tx: &mut dyn BillingTx,
        order: &Order,
        operator: Operator,
    ) -> Result<(), InitiatePaymentError> {
        let currency = order.total.currency();
        let limits = tx.find_limits(self.gateways.chosen().name(), operator, currency).await?;
        let limits = limits.ok_or(InitiatePaymentError::Amount(AmountRefused::NotServed(currency)))?;
        limits.check(order.total).map_err(InitiatePaymentError::Amount)
    }

    /// A prompt on a stranger's phone is a nuisance: nobody may cause many.
    async fn check_pushes(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        order: &Order,
        phone: &Msisdn,
    ) -> Result<(), InitiatePaymentError> {
        let limits = self.settings.push_limits;
        let window = Duration::hours(1);
        let since = self.ambient.now() - window;
        let to_number = tx.count_pushes_to(phone, since).await?;
        let by_account = match order.contact.user_id {
            Some(user) => tx.count_pushes_by(user, since).await?,
            None => 0,
        };
        let from_address = match origin.ip {
            Some(ip) => tx.count_pushes_from(ip, since).await?,
            None => 0,
        };
        let within =
            to_number < limits.per_number && by_account < limits.per_number && from_address < limits.per_ip;
        if within { Ok(()) } else { Err(InitiatePaymentError::TooManyPushes { retry_after: window }) }
    }
}
