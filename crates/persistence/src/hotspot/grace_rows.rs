//! What lets guests be online while a payment waits: hotspot users with a number of their own.

use async_trait::async_trait;
use hotspot::{
    HotspotUser,
    ports::{GraceReads, GraceRows},
};
use kernel::{
    EventPayload as _, StoreError,
    events::billing::{PaymentFailed, PaymentSucceeded},
    id::ids::{OrderId, PaymentId},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Select};

use super::hotspot_users::{self, Column, GRACE};
use crate::{Database, Tx, error::store_error, events};

#[async_trait]
impl GraceRows for Tx {
    async fn lock_grace(&mut self, order: OrderId) -> Result<Option<HotspotUser>, StoreError> {
        self.take_turns(format!("hotspot_users.grace: {order}")).await?;
        let row = of_order(order).lock_exclusive().one(self.connection()).await.map_err(store_error)?;
        row.map(HotspotUser::try_from).transpose()
    }

    async fn payment_is_over(&mut self, order: OrderId, payment: PaymentId) -> Result<bool, StoreError> {
        let ends = events::Entity::find()
            .filter(events::Column::StoryId.eq(order.as_uuid()))
            .filter(events::Column::Kind.is_in([PaymentSucceeded::TYPE, PaymentFailed::TYPE]))
            .filter(events::Column::AggregateId.eq(payment.as_uuid()));
        Ok(ends.count(self.connection()).await.map_err(store_error)? > 0)
    }
}

#[async_trait]
impl GraceReads for Database {
    async fn grace_of(&self, order: OrderId) -> Result<Option<HotspotUser>, StoreError> {
        let row = of_order(order).one(self.reader()).await.map_err(store_error)?;
        row.map(HotspotUser::try_from).transpose()
    }
}

fn of_order(order: OrderId) -> Select<hotspot_users::Entity> {
    let found = hotspot_users::Entity::find().filter(Column::OrderId.eq(order.as_uuid()));
    found.filter(Column::UnitNumber.eq(GRACE))
}
