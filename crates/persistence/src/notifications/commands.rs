//! Notifications' part of a transaction.

use ::notifications::{Delivery, DeliveryStatus, Notification, NotificationTx, ports::Whose};
use async_trait::async_trait;
use kernel::{
    StoreError, Timestamp,
    id::ids::{DeliveryId, NotificationId, UserId},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, OnConflict, Query, SelectStatement},
};

use super::{deliveries, notifications};
use crate::{
    error::store_error,
    tx::{Tx, in_chunks},
};

/// What a worker has to do with still.
const UNFINISHED: [DeliveryStatus; 2] = [DeliveryStatus::Queued, DeliveryStatus::Sending];

/// The ids of what somebody was told.
fn told_to(whose: Whose) -> SelectStatement {
    use notifications::Column;
    let told = |which: Condition| {
        Query::select().column(Column::Id).from(notifications::Entity).cond_where(which).to_owned()
    };
    let order = match whose {
        Whose::Account(user) => return told(Condition::all().add(Column::UserId.eq(user.as_uuid()))),
        Whose::Order(order) => Column::OrderId.eq(order.as_uuid()),
    };
    let of_guest = Condition::all().add(order.clone()).add(Column::UserId.is_null());
    let addresses = Query::select()
        .column(deliveries::Column::Recipient)
        .from(deliveries::Entity)
        .and_where(deliveries::Column::Recipient.is_not_null())
        .and_where(deliveries::Column::NotificationId.in_subquery(told(of_guest)))
        .to_owned();
    let sent_there = Query::select()
        .column(deliveries::Column::NotificationId)
        .from(deliveries::Entity)
        .and_where(deliveries::Column::Recipient.in_subquery(addresses))
        .to_owned();
    let of_nobody = Condition::all()
        .add(Column::UserId.is_null())
        .add(Column::OrderId.is_null())
        .add(Column::Id.in_subquery(sent_there));
    told(Condition::any().add(order).add(of_nobody))
}

#[async_trait]
impl NotificationTx for Tx {
    async fn add_notification(&mut self, notification: &Notification) -> Result<bool, StoreError> {
        let told_before = [notifications::Column::Kind, notifications::Column::SubjectId];
        let inserted = notifications::Entity::insert(notifications::ActiveModel::from(notification))
            .on_conflict(OnConflict::columns(told_before).do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn add_delivery(&mut self, delivery: &Delivery) -> Result<(), StoreError> {
        let insert = deliveries::Entity::insert(deliveries::ActiveModel::from(delivery));
        insert.exec_without_returning(self.connection()).await.map(drop).map_err(store_error)
    }

    async fn notification(&mut self, id: NotificationId) -> Result<Option<Notification>, StoreError> {
        let row = notifications::Entity::find_by_id(id.as_uuid())
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(Notification::try_from).transpose()
    }

    async fn delivery(&mut self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        let row = deliveries::Entity::find_by_id(id.as_uuid())
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(Delivery::try_from).transpose()
    }

    async fn change_delivery(&mut self, before: &Delivery, after: &Delivery) -> Result<bool, StoreError> {
        use deliveries::Column;
        let updated = deliveries::Entity::update_many()
            .col_expr(Column::Status, Expr::value(after.status.as_str()))
            .col_expr(Column::Attempts, Expr::value(i32::from(after.attempts)))
            .col_expr(Column::Unanswered, Expr::value(i32::from(after.unanswered)))
            .col_expr(Column::ProviderId, Expr::value(after.provider_id.as_deref()))
            .col_expr(Column::Error, Expr::value(after.error.as_deref()))
            .col_expr(Column::LatencyMs, Expr::value(after.latency_ms.map(i64::from)))
            .col_expr(Column::SentAt, Expr::value(after.sent_at))
            .col_expr(Column::NextCheckAt, Expr::value(after.next_check_at))
            .filter(Column::Id.eq(before.id.as_uuid()))
            .filter(Column::Status.eq(before.status.as_str()))
            .filter(Column::Attempts.eq(i32::from(before.attempts)))
            .filter(Column::Unanswered.eq(i32::from(before.unanswered)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected == 1)
    }

    async fn overdue_deliveries(&mut self, now: Timestamp, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let rows = deliveries::Entity::find()
            .filter(deliveries::Column::Status.is_in(UNFINISHED.map(DeliveryStatus::as_str)))
            .filter(deliveries::Column::NextCheckAt.lte(now))
            .order_by_asc(deliveries::Column::NextCheckAt)
            .order_by_asc(deliveries::Column::Id)
            .limit(u64::from(limit))
            .lock_exclusive()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Delivery::try_from).collect()
    }

    async fn mark_read(
        &mut self,
        user: UserId,
        id: NotificationId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let updated = notifications::Entity::update_many()
            .col_expr(notifications::Column::ReadAt, Expr::value(at))
            .filter(notifications::Column::Id.eq(id.as_uuid()))
            .filter(notifications::Column::ReadAt.is_null())
            .filter(notifications::inbox_of(user))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected == 1)
    }

    async fn has_unsent(&mut self, whose: Whose) -> Result<bool, StoreError> {
        let unsent = deliveries::Entity::find()
            .filter(deliveries::Column::NotificationId.in_subquery(told_to(whose)))
            .filter(deliveries::Column::Status.is_in(UNFINISHED.map(DeliveryStatus::as_str)))
            .one(self.connection())
            .await
            .map_err(store_error)?;
        Ok(unsent.is_some())
    }

    async fn delete_messages(&mut self, whose: Whose) -> Result<(), StoreError> {
        // By their ids: with the deliveries goes that by which a guest's messages are found.
        let ids: Vec<Uuid> = notifications::Entity::find()
            .select_only()
            .column(notifications::Column::Id)
            .filter(notifications::Column::Id.in_subquery(told_to(whose)))
            .into_tuple()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        for some in in_chunks(ids) {
            deliveries::Entity::delete_many()
                .filter(deliveries::Column::NotificationId.is_in(some.clone()))
                .exec(self.connection())
                .await
                .map_err(store_error)?;
            notifications::Entity::delete_many()
                .filter(notifications::Column::Id.is_in(some))
                .exec(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn mark_all_read(&mut self, user: UserId, at: Timestamp) -> Result<u64, StoreError> {
        let updated = notifications::Entity::update_many()
            .col_expr(notifications::Column::ReadAt, Expr::value(at))
            .filter(notifications::Column::ReadAt.is_null())
            .filter(notifications::inbox_of(user))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected)
    }
}
