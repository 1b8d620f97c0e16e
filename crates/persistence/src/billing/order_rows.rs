//! Orders and their units.

use std::net::IpAddr;

use async_trait::async_trait;
use billing::{Order, OrderStatus, PaymentStatus, Unit, payment::Means, ports::OrderRows};
use kernel::{Id, Msisdn, StoreError, Timestamp, id::ids::OrderId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IdenStatic as _, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};

use super::{order_days, orders, payments, provisioning_units};
use crate::{Tx, error::store_error};

impl Tx {
    async fn count_guest_orders(
        &self,
        column: orders::Column,
        value: String,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        self.take_turns(format!("orders.{}: {value}", column.as_str())).await?;
        let found = orders::Entity::find().filter(orders::Column::UserId.is_null()).filter(column.eq(value));
        // What somebody has a voucher for, or pays an agent for, fills no books.
        let paid_at_once = Query::select()
            .column(payments::Column::OrderId)
            .from(payments::Entity)
            .and_where(payments::Column::Gateway.is_in(Means::OWN.map(Means::as_str)))
            .and_where(payments::Column::CreatedAt.gt(since))
            .to_owned();
        let placed = found.filter(orders::Column::Id.not_in_subquery(paid_at_once));
        let recent = placed.filter(orders::Column::CreatedAt.gt(since));
        recent.count(self.connection()).await.map_err(store_error)
    }
}

#[async_trait]
impl OrderRows for Tx {
    async fn count_guest_orders_of(&mut self, phone: &Msisdn, since: Timestamp) -> Result<u64, StoreError> {
        self.count_guest_orders(orders::Column::Phone, phone.as_str().to_owned(), since).await
    }

    async fn count_guest_orders_from(&mut self, ip: IpAddr, since: Timestamp) -> Result<u64, StoreError> {
        self.count_guest_orders(orders::Column::Ip, ip.to_string(), since).await
    }

    async fn next_order_number(&mut self, day: chrono::NaiveDate) -> Result<i64, StoreError> {
        let row = order_days::ActiveModel { day: Set(day.to_string()), last: Set(1) };
        let counted = OnConflict::column(order_days::Column::Day)
            .value(order_days::Column::Last, Expr::col((order_days::Entity, order_days::Column::Last)).add(1))
            .to_owned();
        let row = order_days::Entity::insert(row)
            .on_conflict(counted)
            .exec_with_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(row.last)
    }

    async fn insert_order(&mut self, order: &Order) -> Result<(), StoreError> {
        let row = orders::ActiveModel::try_from(order)?;
        orders::Entity::insert(row)
            .exec_without_returning(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn lock_order(&mut self, id: OrderId) -> Result<Option<Order>, StoreError> {
        let row = orders::Entity::find_by_id(id.as_uuid()).lock_exclusive().one(self.connection()).await;
        row.map_err(store_error)?.map(Order::try_from).transpose()
    }

    async fn move_order(
        &mut self,
        id: OrderId,
        from: OrderStatus,
        to: OrderStatus,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut change = orders::Entity::update_many()
            .col_expr(orders::Column::Status, Expr::value(to.as_str()))
            .filter(orders::Column::Id.eq(id.as_uuid()))
            .filter(orders::Column::Status.eq(from.as_str()));
        if to == OrderStatus::Paid {
            change = change.col_expr(orders::Column::PaidAt, Expr::value(at));
        }
        if to == OrderStatus::Completed {
            change = change.col_expr(orders::Column::CompletedAt, Expr::value(at));
        }
        Ok(change.exec(self.connection()).await.map_err(store_error)?.rows_affected == 1)
    }

    async fn orders_to_expire(&mut self, now: Timestamp, limit: u64) -> Result<Vec<OrderId>, StoreError> {
        let live =
            PaymentStatus::ALL.into_iter().filter(|status| status.is_live()).map(PaymentStatus::as_str);
        let being_paid = Query::select()
            .column(payments::Column::OrderId)
            .from(payments::Entity)
            .and_where(payments::Column::Status.is_in(live))
            .to_owned();
        let rows = orders::Entity::find()
            // Written out, so that the database sees that its partial index fits.
            .filter(Expr::cust("status = 'pending'"))
            .filter(orders::Column::ExpiresAt.lte(now))
            .filter(orders::Column::Id.not_in_subquery(being_paid))
            .order_by_asc(orders::Column::ExpiresAt)
            .limit(limit)
            .all(self.connection())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| Id::from_uuid(row.id)).collect())
    }

    async fn insert_unit(&mut self, unit: &Unit) -> Result<bool, StoreError> {
        use provisioning_units::Column::{Number, OrderId};
        let inserted = provisioning_units::Entity::insert(provisioning_units::ActiveModel::try_from(unit)?)
            .on_conflict(OnConflict::columns([OrderId, Number]).do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn units_of(&mut self, order: OrderId) -> Result<Vec<Unit>, StoreError> {
        let rows = provisioning_units::Entity::find()
            .filter(provisioning_units::Column::OrderId.eq(order.as_uuid()))
            .order_by_asc(provisioning_units::Column::Number)
            .all(self.connection())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Unit::try_from).collect()
    }

    async fn update_unit(&mut self, unit: &Unit) -> Result<(), StoreError> {
        let row = provisioning_units::ActiveModel::try_from(unit)?;
        provisioning_units::Entity::update(row).exec(self.connection()).await.map(drop).map_err(store_error)
    }
}
