//! Hotspot's part of a transaction.

use async_trait::async_trait;
use hotspot::{
    HotspotUser, HotspotUserStatus, Router,
    hotspot_user::Transition,
    ports::{HotspotTx, Insertion},
};
use kernel::{
    Id, StoreError, Timestamp,
    id::ids::{HotspotUserId, OrderId, RouterId, UnitId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::{
    hotspot_users::{self, Column, GRACE, awaits_first_use},
    withdrawn_units,
};
use crate::{error::store_error, tx::Tx};

#[async_trait]
impl HotspotTx for Tx {
    async fn insert_user(&mut self, user: &HotspotUser) -> Result<Insertion, StoreError> {
        let inserted = hotspot_users::Entity::insert(hotspot_users::ActiveModel::try_from(user)?)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        if inserted == 1 {
            return Ok(Insertion::Inserted);
        }
        // On PostgreSQL the insert has waited for whoever was before it, and this statement sees their row.
        let of_the_unit = hotspot_users::Entity::find()
            .filter(Column::UnitId.eq(user.unit_id.as_uuid()))
            .count(self.connection())
            .await
            .map_err(store_error)?;
        Ok(if of_the_unit > 0 { Insertion::UnitHasOne } else { Insertion::NameTaken })
    }

    async fn lock_user(&mut self, id: HotspotUserId) -> Result<Option<HotspotUser>, StoreError> {
        let row = hotspot_users::Entity::find_by_id(id.as_uuid())
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(HotspotUser::try_from).transpose()
    }

    async fn lock_users_of_order(&mut self, order: OrderId) -> Result<Vec<HotspotUser>, StoreError> {
        let rows = hotspot_users::Entity::find()
            .filter(Column::OrderId.eq(order.as_uuid()))
            .filter(Column::UnitNumber.ne(GRACE))
            .order_by_asc(Column::UnitNumber)
            .lock_exclusive()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(HotspotUser::try_from).collect()
    }

    async fn hold_order(&mut self, order: OrderId) -> Result<(), StoreError> {
        self.take_turns(format!("units: {order}")).await
    }

    async fn withdraw_units(&mut self, units: &[UnitId], at: Timestamp) -> Result<(), StoreError> {
        let row = |unit: &UnitId| withdrawn_units::ActiveModel { unit_id: Set(unit.as_uuid()), at: Set(at) };
        withdrawn_units::Entity::insert_many(units.iter().map(row))
            .on_conflict(OnConflict::column(withdrawn_units::Column::UnitId).do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn withdrawn_units(&mut self, units: &[UnitId]) -> Result<Vec<UnitId>, StoreError> {
        let among = withdrawn_units::Column::UnitId.is_in(units.iter().map(|unit| unit.as_uuid()));
        let rows = withdrawn_units::Entity::find().filter(among).all(self.connection()).await;
        Ok(rows.map_err(store_error)?.into_iter().map(|row| Id::from_uuid(row.unit_id)).collect())
    }

    async fn transition(&mut self, id: HotspotUserId, step: &Transition) -> Result<bool, StoreError> {
        let from = step.from().iter().map(|status| status.as_str());
        let mut update = hotspot_users::Entity::update_many()
            .col_expr(Column::Status, Expr::value(step.to().as_str()))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::Status.is_in(from));
        match step {
            Transition::Activate { at, expires_at } => {
                update = update
                    .col_expr(Column::ActivatedAt, Expr::value(*at))
                    .col_expr(Column::ExpiresAt, Expr::value(*expires_at));
            }
            Transition::Fail { reason } => {
                update = update.col_expr(Column::Failure, Expr::value(reason.as_str()));
            }
            Transition::Retry => {
                update = update.col_expr(Column::Failure, Expr::value(None::<String>));
            }
            Transition::Expire { at } => update = update.filter(Column::ExpiresAt.lte(*at)),
            Transition::Revive { expires_at } => {
                update = update.col_expr(Column::ExpiresAt, Expr::value(*expires_at));
            }
            Transition::Suspend | Transition::Resume | Transition::Revoke => {}
        }
        let updated = update.exec(self.connection()).await.map_err(store_error)?;
        Ok(updated.rows_affected == 1)
    }

    async fn rename_user(&mut self, id: HotspotUserId, from: &str, to: &str) -> Result<bool, StoreError> {
        let updated = hotspot_users::Entity::update_many()
            .col_expr(Column::Username, Expr::value(to))
            .col_expr(Column::RenamedFrom, Expr::value(from))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::Username.eq(from))
            .filter(Column::RenamedFrom.is_null())
            .filter(Column::Status.eq(HotspotUserStatus::Pending.as_str()))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected == 1)
    }

    async fn begin_validity(
        &mut self,
        id: HotspotUserId,
        first_used_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let updated = hotspot_users::Entity::update_many()
            .col_expr(Column::FirstUsedAt, Expr::value(first_used_at))
            .col_expr(Column::ExpiresAt, Expr::value(expires_at))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(awaits_first_use())
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected == 1)
    }

    async fn set_validity(
        &mut self,
        id: HotspotUserId,
        validity_minutes: u32,
        expires_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let minutes = i32::try_from(validity_minutes).map_err(StoreError::corrupt)?;
        hotspot_users::Entity::update_many()
            .col_expr(Column::ValidityMinutes, Expr::value(minutes))
            .col_expr(Column::ExpiresAt, Expr::value(expires_at))
            .filter(Column::Id.eq(id.as_uuid()))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn move_user(
        &mut self,
        id: HotspotUserId,
        from: RouterId,
        to: &Router,
    ) -> Result<bool, StoreError> {
        let updated = hotspot_users::Entity::update_many()
            .col_expr(Column::RouterId, Expr::value(to.id.as_uuid()))
            .col_expr(Column::SiteId, Expr::value(to.site_id.as_uuid()))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::RouterId.eq(from.as_uuid()))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected == 1)
    }
}
