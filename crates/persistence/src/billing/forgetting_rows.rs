//! Whose orders were.

use async_trait::async_trait;
use billing::{
    callback::{CallbackStatus, FORGOTTEN},
    ports::ForgettingRows,
};
use kernel::{
    Id, Msisdn, StoreError, Timestamp,
    id::ids::{OrderId, UserId},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, Func, Query},
};

use super::{
    gateway_callbacks as callbacks, gateway_statement_lines as lines, orders, payment_graces, payments,
    refund_moves, refunds,
};
use crate::{Tx, error::store_error};

/// What a callback has come to once nobody looks at its body again.
const DECIDED: [CallbackStatus; 2] = [CallbackStatus::Applied, CallbackStatus::Ignored];

impl Tx {
    async fn orders_that(&self, fit: Condition) -> Result<Vec<OrderId>, StoreError> {
        let ids: Vec<Uuid> = orders::Entity::find()
            .select_only()
            .column(orders::Column::Id)
            .filter(fit)
            .into_tuple()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(Id::from_uuid).collect())
    }

    /// Forgets what a gateway has sent about a payment or refund, as far as it has been dealt with: of the rest we hear
    /// again.
    async fn forget_callbacks(
        &self,
        gateway: &str,
        reference: Uuid,
        provider_ref: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut names = Condition::any().add(callbacks::Column::Reference.eq(reference.to_string()));
        if let Some(provider_ref) = provider_ref {
            names = names.add(callbacks::Column::ProviderRef.eq(provider_ref));
        }
        callbacks::Entity::update_many()
            .col_expr(callbacks::Column::Body, Expr::value(FORGOTTEN.to_vec()))
            .filter(callbacks::Column::Gateway.eq(gateway))
            .filter(callbacks::Column::Status.is_in(DECIDED.map(CallbackStatus::as_str)))
            .filter(names)
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    /// Forgets what a gateway has sent and said about the refunds of a payment. What staff have said stays.
    async fn forget_in_refunds(&self, payment: &payments::Model) -> Result<(), StoreError> {
        let of_payment = refunds::Column::PaymentId.eq(payment.id);
        let refunds = refunds::Entity::find().filter(of_payment).all(self.connection()).await;
        for refund in refunds.map_err(store_error)? {
            let provider_ref = refund.provider_ref.as_deref();
            self.forget_callbacks(&payment.gateway, refund.reference, provider_ref).await?;
            refund_moves::Entity::update_many()
                .col_expr(refund_moves::Column::Evidence, Expr::value(None::<String>))
                .filter(refund_moves::Column::RefundId.eq(refund.id))
                .filter(refund_moves::Column::MovedBy.starts_with("system:"))
                .exec(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }
}

#[async_trait]
impl ForgettingRows for Tx {
    async fn orders_of(&mut self, user: UserId) -> Result<Vec<OrderId>, StoreError> {
        self.orders_that(Condition::all().add(orders::Column::UserId.eq(user.as_uuid()))).await
    }

    async fn guest_orders_of(&mut self, phone: &Msisdn) -> Result<Vec<OrderId>, StoreError> {
        let asked_to_pay = Query::select()
            .column(payments::Column::OrderId)
            .from(payments::Entity)
            .and_where(payments::Column::Phone.eq(phone.as_str()))
            .to_owned();
        let theirs = Condition::any()
            .add(orders::Column::Phone.eq(phone.as_str()))
            .add(orders::Column::Id.in_subquery(asked_to_pay));
        self.orders_that(Condition::all().add(orders::Column::UserId.is_null()).add(theirs)).await
    }

    async fn begin_forgetting(&mut self, order: OrderId, at: Timestamp) -> Result<(), StoreError> {
        orders::Entity::update_many()
            .col_expr(orders::Column::ForgettingSince, Expr::value(at))
            .filter(orders::Column::Id.eq(order.as_uuid()))
            .filter(orders::Column::ForgettingSince.is_null())
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn is_being_forgotten(&mut self, order: OrderId) -> Result<bool, StoreError> {
        let found = orders::Entity::find_by_id(order.as_uuid()).one(self.connection()).await;
        let order = found.map_err(store_error)?;
        Ok(order.is_some_and(|order| order.forgetting_since.is_some() || order.forgotten_at.is_some()))
    }

    async fn is_forgotten(&mut self, order: OrderId) -> Result<bool, StoreError> {
        let found = orders::Entity::find_by_id(order.as_uuid()).one(self.connection()).await;
        Ok(found.map_err(store_error)?.is_some_and(|order| order.forgotten_at.is_some()))
    }

    async fn forget_person(&mut self, order: OrderId, at: Timestamp) -> Result<(), StoreError> {
        let nothing = || Expr::value(None::<String>);
        let first = Func::coalesce([Expr::col(orders::Column::ForgottenAt), Expr::value(at)]);
        orders::Entity::update_many()
            .col_expr(orders::Column::Phone, nothing())
            .col_expr(orders::Column::Email, nothing())
            .col_expr(orders::Column::Ip, nothing())
            .col_expr(orders::Column::ForgottenAt, first.into())
            .filter(orders::Column::Id.eq(order.as_uuid()))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        payment_graces::Entity::delete_many()
            .filter(payment_graces::Column::OrderId.eq(order.as_uuid()))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        let its = payments::Column::OrderId.eq(order.as_uuid());
        let tried = payments::Entity::find().filter(its.clone()).all(self.connection()).await;
        let tried = tried.map_err(store_error)?;
        for payment in &tried {
            self.forget_callbacks(&payment.gateway, payment.reference, payment.provider_ref.as_deref())
                .await?;
            self.forget_in_refunds(payment).await?;
        }
        lines::Entity::update_many()
            .col_expr(lines::Column::Phone, nothing())
            .filter(lines::Column::PaymentId.is_in(tried.iter().map(|payment| payment.id)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        payments::Entity::update_many()
            .col_expr(payments::Column::Phone, nothing())
            .col_expr(payments::Column::Ip, nothing())
            .filter(its)
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }
}
