//! Who got credentials, and what people have called their devices.

use async_trait::async_trait;
use hotspot::{HotspotUser, hotspot_user::Marker, ports::ForgettingRows};
use kernel::{
    StoreError,
    id::ids::{OrderId, UserId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    devices,
    hotspot_users::{Column, Entity},
};
use crate::{error::store_error, tx::Tx};

#[async_trait]
impl ForgettingRows for Tx {
    async fn forget_contacts(&mut self, order: OrderId) -> Result<Vec<Marker>, StoreError> {
        let of_the_order = Column::OrderId.eq(order.as_uuid());
        Entity::update_many()
            .col_expr(Column::Phone, Expr::value(None::<String>))
            .col_expr(Column::Email, Expr::value(None::<String>))
            .filter(of_the_order.clone())
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        let rows = Entity::find().filter(of_the_order).all(self.connection()).await.map_err(store_error)?;
        rows.into_iter().map(|row| HotspotUser::try_from(row).map(|user| user.marker)).collect()
    }

    async fn forget_device_names(&mut self, user: UserId) -> Result<(), StoreError> {
        devices::Entity::update_many()
            .col_expr(devices::Column::Name, Expr::value(None::<String>))
            .filter(devices::Column::UserId.eq(user.as_uuid()))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }
}
