//! Sessions, devices and interfaces, straight from the pool.

use std::net::IpAddr;

use async_trait::async_trait;
use hotspot::{
    Router,
    device::Device,
    ports::SessionReads,
    queries::sessions::{InterfaceView, SessionFilter, SessionView, Usage},
    session::Session,
};
use kernel::{
    Id, Page, PageRequest, StoreError,
    id::ids::{DeviceId, HotspotSessionId, HotspotUserId, UserId},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{
    devices,
    reads::contains,
    router_syncs, routers,
    sessions::{self, Column},
};
use crate::{Database, error::store_error};

#[async_trait]
impl SessionReads for Database {
    async fn routers_to_sync(&self) -> Result<Vec<Router>, StoreError> {
        let rows = routers::Entity::find()
            .filter(routers::Column::RetiredAt.is_null())
            .order_by_asc(routers::Column::Name)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Router::try_from).collect()
    }

    async fn session_and_router(
        &self,
        id: HotspotSessionId,
    ) -> Result<Option<(Session, Router)>, StoreError> {
        let found = sessions::Entity::find_by_id(id.as_uuid())
            .find_also_related(routers::Entity)
            .one(self.reader())
            .await
            .map_err(store_error)?;
        let Some((session, Some(router))) = found else {
            return Ok(None);
        };
        Ok(Some((session.try_into()?, router.try_into()?)))
    }

    async fn list_sessions(
        &self,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<SessionView>, StoreError> {
        let wanted = sessions::Entity::find().filter(condition(filter));
        let total = wanted.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = wanted
            .order_by_desc(Column::StartedAt)
            .order_by_desc(Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .find_also_related(routers::Entity)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(|(session, router)| view(session, router));
        Ok(Page { items: items.collect::<Result<_, _>>()?, request: page, total })
    }

    async fn find_session(&self, id: HotspotSessionId) -> Result<Option<SessionView>, StoreError> {
        let found = sessions::Entity::find_by_id(id.as_uuid())
            .find_also_related(routers::Entity)
            .one(self.reader())
            .await
            .map_err(store_error)?;
        found.map(|(session, router)| view(session, router)).transpose()
    }

    async fn usage(&self, hotspot_user: HotspotUserId) -> Result<Usage, StoreError> {
        let sums: Option<(i64, Option<i64>, Option<i64>, Option<i64>)> = sessions::Entity::find()
            .select_only()
            .column_as(Column::Id.count(), "sessions")
            .column_as(sum([Column::UptimeSeconds].as_slice()), "seconds")
            .column_as(sum(&[Column::BankedUp, Column::SeenUp]), "up")
            .column_as(sum(&[Column::BankedDown, Column::SeenDown]), "down")
            .filter(Column::HotspotUserId.eq(hotspot_user.as_uuid()))
            .into_tuple()
            .one(self.reader())
            .await
            .map_err(store_error)?;
        let (sessions, seconds, up, down) = sums.unwrap_or_default();
        let count = |sum: Option<i64>| u64::try_from(sum.unwrap_or(0)).map_err(StoreError::corrupt);
        Ok(Usage {
            sessions: count(Some(sessions))?,
            seconds: count(seconds)?,
            uploaded_bytes: count(up)?,
            downloaded_bytes: count(down)?,
        })
    }

    async fn list_devices(&self, owner: UserId, page: PageRequest) -> Result<Page<Device>, StoreError> {
        let wanted = devices::Entity::find().filter(devices::Column::UserId.eq(owner.as_uuid()));
        let total = wanted.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = wanted
            .order_by_desc(devices::Column::LastSeenAt)
            .order_by_desc(devices::Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(Device::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, request: page, total })
    }

    async fn find_device(&self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        let row = devices::Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(store_error)?;
        row.map(Device::try_from).transpose()
    }

    async fn device_at(&self, owner: UserId, address: IpAddr) -> Result<Option<Device>, StoreError> {
        let session = sessions::Entity::find()
            .filter(Column::UserId.eq(owner.as_uuid()))
            .filter(Column::Address.eq(address.to_string()))
            .filter(Column::ClosedAt.is_null())
            .order_by_desc(Column::LastSeenAt)
            .one(self.reader())
            .await
            .map_err(store_error)?;
        match session.and_then(|session| session.device_id) {
            Some(id) => self.find_device(Id::from_uuid(id)).await,
            None => Ok(None),
        }
    }

    async fn open_sessions_of_device(&self, id: DeviceId) -> Result<Vec<(Session, Router)>, StoreError> {
        let rows = sessions::Entity::find()
            .filter(Column::DeviceId.eq(id.as_uuid()))
            .filter(Column::ClosedAt.is_null())
            .find_also_related(routers::Entity)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let there = rows.into_iter().filter_map(|(session, router)| Some((session, router?)));
        there.map(|(session, router)| Ok((session.try_into()?, router.try_into()?))).collect()
    }

    async fn interfaces(&self) -> Result<Vec<InterfaceView>, StoreError> {
        let rows = router_syncs::Entity::find()
            .find_also_related(routers::Entity)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let mut views = Vec::new();
        for (sync, router) in rows {
            let (Some(router), Some(seen_at)) = (router, sync.interfaces_seen_at) else { continue };
            if router.retired_at.is_some() {
                continue;
            }
            for load in router_syncs::read(sync.interfaces)? {
                views.push(InterfaceView {
                    router_id: Id::from_uuid(router.id),
                    router_name: router.name.clone(),
                    load,
                    seen_at,
                });
            }
        }
        views.sort_by(|one, other| {
            (&one.router_name, &one.load.interface).cmp(&(&other.router_name, &other.load.interface))
        });
        Ok(views)
    }
}

/// The sum over rows of some columns together. PostgreSQL sums 64-bit numbers into a decimal, hence the cast.
pub(super) fn sum(columns: &[Column]) -> Expr {
    let mut together = Expr::value(0_i64);
    for column in columns {
        together = together.add(Expr::col((sessions::Entity, *column)));
    }
    together.sum().cast_as("bigint")
}

fn view(session: sessions::Model, router: Option<routers::Model>) -> Result<SessionView, StoreError> {
    let router_name = router.map(|router| router.name).unwrap_or_default();
    Ok(SessionView { session: session.try_into()?, router_name })
}

fn condition(filter: &SessionFilter) -> Condition {
    let SessionFilter { owner, hotspot_user_id, router_id, device_id, open, username, from, to } = filter;
    let open = open.map(|open| match open {
        true => Column::ClosedAt.is_null(),
        false => Column::ClosedAt.is_not_null(),
    });
    Condition::all()
        .add_option(owner.map(|owner| Column::UserId.eq(owner.as_uuid())))
        .add_option(hotspot_user_id.map(|user| Column::HotspotUserId.eq(user.as_uuid())))
        .add_option(router_id.map(|router| Column::RouterId.eq(router.as_uuid())))
        .add_option(device_id.map(|device| Column::DeviceId.eq(device.as_uuid())))
        .add_option(open)
        .add_option(username.as_deref().map(|part| contains((sessions::Entity, Column::Username), part)))
        .add_option(from.map(|from| Column::StartedAt.gte(from)))
        .add_option(to.map(|to| Column::StartedAt.lt(to)))
}
