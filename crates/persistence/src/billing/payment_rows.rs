//! Payments and their moves.

use std::net::IpAddr;

use async_trait::async_trait;
use billing::{
    Payment, PaymentStatus,
    payment::{Means, PaymentMove},
    ports::PaymentRows,
};
use chrono::TimeDelta;
use kernel::{
    Id, Msisdn, StoreError, Timestamp,
    id::{
        ids::{OrderId, PaymentId, UserId},
        of,
    },
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IdenStatic as _, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Value,
    sea_query::{Expr, LockBehavior, LockType},
};
use uuid::Uuid;

use super::{payment_moves, payments};
use crate::{Tx, error::store_error};

/// How long a payment that cannot be read stands back behind those that can.
const UNREADABLE_AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);

impl Tx {
    /// Counts payments of one phone, account or address. Whoever counts the same waits for the end of this
    /// transaction: two that counted at once would both be within a limit that they exceed together.
    async fn count_payments(
        &self,
        column: payments::Column,
        value: impl Into<Value>,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let value = value.into();
        self.take_turns(format!("{}: {value}", column.as_str())).await?;
        let found = payments::Entity::find().filter(column.eq(value));
        // What was paid by means of our own has prompted nobody.
        let prompts = found.filter(payments::Column::Gateway.is_not_in(Means::OWN.map(Means::as_str)));
        let recent = prompts.filter(payments::Column::CreatedAt.gt(since));
        recent.count(self.connection()).await.map_err(store_error)
    }
}

#[async_trait]
impl PaymentRows for Tx {
    async fn insert_payment(&mut self, payment: &Payment) -> Result<(), StoreError> {
        let row = payments::ActiveModel::try_from(payment)?;
        payments::Entity::insert(row)
            .exec_without_returning(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn order_of(&mut self, payment: PaymentId) -> Result<Option<OrderId>, StoreError> {
        let row = payments::Entity::find_by_id(payment.as_uuid()).one(self.connection()).await;
        Ok(row.map_err(store_error)?.map(|row| Id::from_uuid(row.order_id)))
    }

    async fn lock_payment(&mut self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        let row = payments::Entity::find_by_id(id.as_uuid()).lock_exclusive().one(self.connection()).await;
        row.map_err(store_error)?.map(Payment::try_from).transpose()
    }

    async fn has_live_payment(&mut self, order: OrderId) -> Result<bool, StoreError> {
        let live =
            PaymentStatus::ALL.into_iter().filter(|status| status.is_live()).map(PaymentStatus::as_str);
        let row = payments::Entity::find()
            .filter(payments::Column::OrderId.eq(order.as_uuid()))
            .filter(payments::Column::Status.is_in(live))
            .one(self.connection())
            .await
            .map_err(store_error)?;
        Ok(row.is_some())
    }

    async fn by_reference(
        &mut self,
        gateway: &str,
        reference: &str,
    ) -> Result<Option<PaymentId>, StoreError> {
        let Ok(reference) = Uuid::parse_str(reference) else { return Ok(None) };
        let row = payments::Entity::find()
            .filter(payments::Column::Gateway.eq(gateway))
            .filter(payments::Column::Reference.eq(reference))
            .one(self.connection())
            .await
            .map_err(store_error)?;
        Ok(row.map(|row| Id::from_uuid(row.id)))
    }

    async fn by_provider_ref(
        &mut self,
        gateway: &str,
        provider_ref: &str,
    ) -> Result<Option<PaymentId>, StoreError> {
        let row = payments::Entity::find()
            .filter(payments::Column::Gateway.eq(gateway))
            .filter(payments::Column::ProviderRef.eq(provider_ref))
            .one(self.connection())
            .await
            .map_err(store_error)?;
        Ok(row.map(|row| Id::from_uuid(row.id)))
    }

    async fn move_payment(&mut self, change: &PaymentMove, late: bool) -> Result<bool, StoreError> {
        if !change.from.may_become(change.to) {
            let (from, to) = (change.from.as_str(), change.to.as_str());
            return Err(StoreError::Conflict(format!("a payment does not go from {from} to {to}")));
        }
        let ended = (!change.to.is_live()).then_some(change.at);
        let moved = payments::Entity::update_many()
            .col_expr(payments::Column::Status, Expr::value(change.to.as_str()))
            .col_expr(payments::Column::Reason, Expr::value(change.reason.as_str()))
            .col_expr(payments::Column::Late, Expr::value(late))
            .col_expr(payments::Column::SettledAt, Expr::value(ended))
            .filter(payments::Column::Id.eq(change.payment_id.as_uuid()))
            .filter(payments::Column::Status.eq(change.from.as_str()))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        if moved.rows_affected != 1 {
            return Ok(false);
        }
        let row = payment_moves::ActiveModel {
            id: Set(Id::<of::Payment>::generate(&self.shared.ambient).as_uuid()),
            payment_id: Set(change.payment_id.as_uuid()),
            from_status: Set(change.from.as_str().to_owned()),
            to_status: Set(change.to.as_str().to_owned()),
            reason: Set(change.reason.clone()),
            moved_by: Set(change.by.clone()),
            evidence: Set(change.evidence.clone()),
            at: Set(change.at),
        };
        payment_moves::Entity::insert(row)
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(true)
    }

    async fn learn_provider_ref(
        &mut self,
        id: PaymentId,
        gateway: &str,
        provider_ref: &str,
    ) -> Result<bool, StoreError> {
        if let Some(owner) = self.by_provider_ref(gateway, provider_ref).await? {
            return Ok(owner == id);
        }
        payments::Entity::update_many()
            .col_expr(payments::Column::ProviderRef, Expr::value(provider_ref))
            .filter(payments::Column::Id.eq(id.as_uuid()))
            .filter(payments::Column::ProviderRef.is_null())
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(true)
    }

    async fn lock_due_checks(&mut self, now: Timestamp, limit: u64) -> Result<Vec<Payment>, StoreError> {
        let rows = payments::Entity::find()
            .filter(payments::Column::NextCheckAt.lte(now))
            .filter(payments::Column::Status.is_in(PaymentStatus::OPEN.map(PaymentStatus::as_str)))
            .order_by_asc(payments::Column::NextCheckAt)
            .limit(limit)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .all(self.connection())
            .await
            .map_err(store_error)?;
        let mut due = Vec::new();
        for row in rows {
            let id = Id::from_uuid(row.id);
            match Payment::try_from(row) {
                Ok(payment) => due.push(payment),
                Err(error) => {
                    // A person has to mend it. Until then it comes back now and then, behind the others.
                    tracing::error!(payment = %id, %error, "a payment cannot be read");
                    self.plan_check(id, Some(now + UNREADABLE_AGAIN_AFTER), 0).await?;
                }
            }
        }
        Ok(due)
    }

    async fn plan_check(
        &mut self,
        id: PaymentId,
        next: Option<Timestamp>,
        checks: u32,
    ) -> Result<(), StoreError> {
        let checks = i32::try_from(checks).unwrap_or(i32::MAX);
        payments::Entity::update_many()
            .col_expr(payments::Column::NextCheckAt, Expr::value(next))
            .col_expr(payments::Column::Checks, Expr::value(checks))
            .filter(payments::Column::Id.eq(id.as_uuid()))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn count_pushes_to(&mut self, phone: &Msisdn, since: Timestamp) -> Result<u64, StoreError> {
        self.count_payments(payments::Column::Phone, phone.as_str(), since).await
    }

    async fn count_pushes_by(&mut self, user: UserId, since: Timestamp) -> Result<u64, StoreError> {
        self.count_payments(payments::Column::UserId, user.as_uuid(), since).await
    }

    async fn count_pushes_from(&mut self, ip: IpAddr, since: Timestamp) -> Result<u64, StoreError> {
        self.count_payments(payments::Column::Ip, ip.to_string(), since).await
    }
}
