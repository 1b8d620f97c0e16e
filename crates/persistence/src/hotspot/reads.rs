//! Hotspot's reads, straight from the pool.

use async_trait::async_trait;
use hotspot::{
    HotspotUser, HotspotUserStatus, Router,
    hotspot_user::Transition,
    ports::HotspotReads,
    queries::{HotspotUserFilter, HotspotUserView, RouterView},
};
use kernel::{
    Event, EventPayload as _, Id, Page, PageRequest, StoreError, Timestamp,
    events::billing::PaymentSucceeded,
    id::ids::{HotspotUserId, OrderId, RouterId, UnitId},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid,
    sea_query::Query,
};

use super::{
    hotspot_users::{self, Column, GRACE, awaits_first_use, view},
    router_views, routers, sessions,
};
pub(super) use crate::search::contains;
use crate::{Database, error::store_error, events};

#[async_trait]
impl HotspotReads for Database {
    async fn user_and_router(&self, id: HotspotUserId) -> Result<Option<(HotspotUser, Router)>, StoreError> {
        let found = hotspot_users::Entity::find_by_id(id.as_uuid())
            .find_also_related(routers::Entity)
            .one(self.reader())
            .await
            .map_err(store_error)?;
        let Some((user, router)) = found else {
            return Ok(None);
        };
        Ok(Some((user.try_into()?, there(router)?.try_into()?)))
    }

    async fn users_of_order(&self, order: OrderId) -> Result<Vec<HotspotUser>, StoreError> {
        let rows = hotspot_users::Entity::find()
            .filter(hotspot_users::Column::OrderId.eq(order.as_uuid()))
            .filter(hotspot_users::Column::UnitNumber.ne(GRACE))
            .order_by_asc(hotspot_users::Column::UnitNumber)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(HotspotUser::try_from).collect()
    }

    async fn used_units(&self, order: OrderId) -> Result<Vec<UnitId>, StoreError> {
        let seen = Query::select()
            .column(sessions::Column::HotspotUserId)
            .from(sessions::Entity)
            .and_where(sessions::Column::HotspotUserId.is_not_null())
            .to_owned();
        let units: Vec<Uuid> = hotspot_users::Entity::find()
            .select_only()
            .column(hotspot_users::Column::UnitId)
            .filter(hotspot_users::Column::OrderId.eq(order.as_uuid()))
            .filter(
                Condition::any()
                    .add(hotspot_users::Column::Id.in_subquery(seen))
                    .add(hotspot_users::Column::FirstUsedAt.is_not_null()),
            )
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(units.into_iter().map(Id::from_uuid).collect())
    }

    async fn find_router(&self, id: RouterId) -> Result<Option<Router>, StoreError> {
        let found =
            routers::Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(store_error)?;
        found.map(Router::try_from).transpose()
    }

    async fn list_routers(&self, with_retired: bool) -> Result<Vec<RouterView>, StoreError> {
        router_views::list(self, with_retired).await
    }

    async fn find_router_view(&self, id: RouterId) -> Result<Option<RouterView>, StoreError> {
        router_views::one(self, id).await
    }

    async fn list_users(
        &self,
        filter: &HotspotUserFilter,
        page: PageRequest,
    ) -> Result<Page<HotspotUserView>, StoreError> {
        let wanted = hotspot_users::Entity::find().filter(condition(filter));
        let total = wanted.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = wanted
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .find_also_related(routers::Entity)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(|(user, router)| view(user, there(router)?.name));
        Ok(Page { items: items.collect::<Result<_, _>>()?, request: page, total })
    }

    async fn find_view(&self, id: HotspotUserId) -> Result<Option<HotspotUserView>, StoreError> {
        let found = hotspot_users::Entity::find_by_id(id.as_uuid())
            .find_also_related(routers::Entity)
            .one(self.reader())
            .await
            .map_err(store_error)?;
        found.map(|(user, router)| view(user, there(router)?.name)).transpose()
    }

    async fn overdue_users(&self, now: Timestamp, limit: u64) -> Result<Vec<HotspotUserId>, StoreError> {
        let step = Transition::Expire { at: now };
        let ids: Vec<Uuid> = hotspot_users::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Status.is_in(step.from().iter().map(|status| status.as_str())))
            .filter(Column::ExpiresAt.lte(now))
            .order_by_asc(Column::ExpiresAt)
            .limit(limit)
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(Id::from_uuid).collect())
    }

    async fn users_awaiting_first_use(
        &self,
        router: RouterId,
        names: &[&str],
    ) -> Result<Vec<HotspotUser>, StoreError> {
        let rows = hotspot_users::Entity::find()
            .filter(Column::RouterId.eq(router.as_uuid()))
            .filter(Column::Username.is_in(names.iter().copied()))
            .filter(awaits_first_use())
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(HotspotUser::try_from).collect()
    }

    async fn payment_succeeded(&self, order: OrderId) -> Result<Option<PaymentSucceeded>, StoreError> {
        let row = events::Entity::find()
            .filter(events::Column::StoryId.eq(order.as_uuid()))
            .filter(events::Column::Kind.eq(PaymentSucceeded::TYPE))
            .order_by_asc(events::Column::OccurredAt)
            .one(self.reader())
            .await
            .map_err(store_error)?;
        row.map_or(Ok(None), |row| Event::from(row).payload_as())
    }
}

/// The router of a hotspot user, which the foreign key promises.
fn there(router: Option<routers::Model>) -> Result<routers::Model, StoreError> {
    router.ok_or_else(|| StoreError::corrupt("a hotspot user without its router"))
}

fn condition(filter: &HotspotUserFilter) -> Condition {
    let HotspotUserFilter { owner, status, order_id, router_id, username } = filter;
    Condition::all()
        .add_option(owner.map(|owner| Column::UserId.eq(owner.as_uuid())))
        .add_option(status.map(|status: HotspotUserStatus| Column::Status.eq(status.as_str())))
        .add_option(order_id.map(|order| Column::OrderId.eq(order.as_uuid())))
        .add_option(router_id.map(|router| Column::RouterId.eq(router.as_uuid())))
        .add_option(username.as_deref().map(|part| contains((hotspot_users::Entity, Column::Username), part)))
}
