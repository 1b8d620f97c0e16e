//! Sessions and devices, in a transaction.

use async_trait::async_trait;
use hotspot::{
    device::Device,
    ports::{InterfaceLoad, NameOwner, SessionRows},
    router_user::UnknownStatus,
    session::{LiveLimit, Session, SessionEnding},
};
use kernel::{
    Id, StoreError, Timestamp,
    id::ids::{DeviceId, HotspotSessionId, RouterId, UserId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, OnConflict},
};

use super::{
    devices, hotspot_users, router_syncs,
    sessions::{self, Column, SEEN},
    unknown_router_users as unknown,
};
use crate::{Tx, error::store_error};

/// How many rows go into one statement: SQLite takes 32,766 values in one, PostgreSQL 65,535.
const BATCH: usize = 500;

#[async_trait]
impl SessionRows for Tx {
    async fn take_session_turn(&mut self, router: RouterId, asked_at: Timestamp) -> Result<bool, StoreError> {
        let row = router_syncs::ActiveModel {
            router_id: Set(router.as_uuid()),
            sessions_asked_at: Set(None),
            interfaces: Set(router_syncs::kept(&[])?),
            interfaces_seen_at: Set(None),
        };
        router_syncs::Entity::insert(row)
            .on_conflict(OnConflict::column(router_syncs::Column::RouterId).do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        // The update holds the row until the transaction ends, whether or not it changes it.
        router_syncs::Entity::find_by_id(router.as_uuid())
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        let not_later = Condition::any()
            .add(router_syncs::Column::SessionsAskedAt.is_null())
            .add(router_syncs::Column::SessionsAskedAt.lte(asked_at));
        let taken = router_syncs::Entity::update_many()
            .col_expr(router_syncs::Column::SessionsAskedAt, Expr::value(asked_at))
            .filter(router_syncs::Column::RouterId.eq(router.as_uuid()))
            .filter(not_later)
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(taken.rows_affected == 1)
    }

    async fn known_sessions(
        &mut self,
        router: RouterId,
        closed_after: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let of_late = Condition::any().add(Column::ClosedAt.is_null()).add(Column::ClosedAt.gt(closed_after));
        let rows = sessions::Entity::find()
            .filter(Column::RouterId.eq(router.as_uuid()))
            .filter(of_late)
            .all(self.connection())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Session::try_from).collect()
    }

    async fn lock_session(&mut self, id: HotspotSessionId) -> Result<Option<Session>, StoreError> {
        let row = sessions::Entity::find_by_id(id.as_uuid())
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(Session::try_from).transpose()
    }

    async fn save_sessions(&mut self, saved: &[Session]) -> Result<(), StoreError> {
        for batch in saved.chunks(BATCH) {
            sessions::Entity::insert_many(batch.iter().map(sessions::ActiveModel::from))
                .on_conflict(OnConflict::column(Column::Id).update_columns(SEEN).to_owned())
                .exec_without_returning(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn close_sessions(
        &mut self,
        ids: &[HotspotSessionId],
        at: Timestamp,
        ending: SessionEnding,
    ) -> Result<(), StoreError> {
        for batch in ids.chunks(BATCH) {
            sessions::Entity::update_many()
                .col_expr(Column::ClosedAt, Expr::value(at))
                .col_expr(Column::Ending, Expr::value(ending.as_str()))
                .filter(Column::Id.is_in(batch.iter().map(|id| id.as_uuid())))
                .filter(Column::ClosedAt.is_null())
                .exec(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn ask_for_termination(&mut self, id: HotspotSessionId, at: Timestamp) -> Result<bool, StoreError> {
        let updated = sessions::Entity::update_many()
            .col_expr(Column::TerminationAskedAt, Expr::value(at))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::ClosedAt.is_null())
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected == 1)
    }

    async fn note_limit(&mut self, id: HotspotSessionId, limit: LiveLimit) -> Result<bool, StoreError> {
        let rate = |rate: Option<u32>| Expr::value(rate.map(i64::from));
        let updated = sessions::Entity::update_many()
            .col_expr(Column::Limited, Expr::value(true))
            .col_expr(Column::LimitUpKbps, rate(limit.rates.upload_kbps))
            .col_expr(Column::LimitDownKbps, rate(limit.rates.download_kbps))
            .col_expr(Column::LimitedAt, Expr::value(limit.set_at))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::ClosedAt.is_null())
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected == 1)
    }

    async fn name_owners(&mut self, router: RouterId, names: &[&str]) -> Result<Vec<NameOwner>, StoreError> {
        let mut owners = Vec::new();
        for batch in names.chunks(BATCH) {
            use hotspot_users::Column as User;
            let ours: Vec<(String, Uuid, Option<Uuid>)> = hotspot_users::Entity::find()
                .select_only()
                .columns([User::Username, User::Id, User::UserId])
                .filter(User::RouterId.eq(router.as_uuid()))
                .filter(User::Username.is_in(batch.iter().copied()))
                .into_tuple()
                .all(self.connection())
                .await
                .map_err(store_error)?;
            owners.extend(ours.into_iter().map(|(username, id, user)| NameOwner {
                username,
                hotspot_user_id: Some(Id::from_uuid(id)),
                user_id: user.map(Id::from_uuid),
            }));
            let adopted = unknown::Entity::find()
                .filter(unknown::Column::RouterId.eq(router.as_uuid()))
                .filter(unknown::Column::Username.is_in(batch.iter().copied()))
                .filter(unknown::Column::Status.eq(UnknownStatus::Adopted.as_str()))
                .all(self.connection())
                .await
                .map_err(store_error)?;
            owners.extend(adopted.into_iter().map(|user| NameOwner {
                username: user.username,
                hotspot_user_id: None,
                user_id: user.user_id.map(Id::from_uuid),
            }));
        }
        Ok(owners)
    }

    async fn give_sessions(
        &mut self,
        router: RouterId,
        username: &str,
        user: UserId,
    ) -> Result<(), StoreError> {
        sessions::Entity::update_many()
            .col_expr(Column::UserId, Expr::value(user.as_uuid()))
            .col_expr(Column::DeviceId, Expr::value(None::<Uuid>))
            .filter(Column::RouterId.eq(router.as_uuid()))
            .filter(Column::Username.eq(username))
            .filter(Column::HotspotUserId.is_null())
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn note_devices(&mut self, met: &[Device]) -> Result<(), StoreError> {
        let known = OnConflict::columns([devices::Column::UserId, devices::Column::Mac])
            .update_column(devices::Column::LastSeenAt)
            .to_owned();
        for batch in met.chunks(BATCH) {
            devices::Entity::insert_many(batch.iter().map(devices::ActiveModel::from))
                .on_conflict(known.clone())
                .exec_without_returning(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn devices_with(&mut self, macs: &[&str]) -> Result<Vec<Device>, StoreError> {
        let mut found = Vec::new();
        for batch in macs.chunks(BATCH) {
            let rows = devices::Entity::find()
                .filter(devices::Column::Mac.is_in(batch.iter().copied()))
                .order_by_asc(devices::Column::Id)
                .all(self.connection())
                .await
                .map_err(store_error)?;
            for row in rows {
                found.push(row.try_into()?);
            }
        }
        Ok(found)
    }

    async fn lock_device(&mut self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        let row = devices::Entity::find_by_id(id.as_uuid())
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(Device::try_from).transpose()
    }

    async fn update_device(&mut self, device: &Device) -> Result<(), StoreError> {
        devices::Entity::update_many()
            .col_expr(devices::Column::Name, Expr::value(device.name.clone()))
            .col_expr(devices::Column::Class, Expr::value(device.class.as_str()))
            .col_expr(devices::Column::Active, Expr::value(device.active))
            .filter(devices::Column::Id.eq(device.id.as_uuid()))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn delete_device(&mut self, id: DeviceId) -> Result<(), StoreError> {
        sessions::Entity::update_many()
            .col_expr(Column::DeviceId, Expr::value(None::<Uuid>))
            .filter(Column::DeviceId.eq(id.as_uuid()))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        let gone = devices::Entity::delete_by_id(id.as_uuid()).exec(self.connection()).await;
        gone.map(drop).map_err(store_error)
    }

    async fn keep_interfaces(
        &mut self,
        router: RouterId,
        interfaces: &[InterfaceLoad],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        router_syncs::Entity::update_many()
            .col_expr(router_syncs::Column::Interfaces, Expr::value(router_syncs::kept(interfaces)?))
            .col_expr(router_syncs::Column::InterfacesSeenAt, Expr::value(at))
            .filter(router_syncs::Column::RouterId.eq(router.as_uuid()))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }
}
