//! What is compared with a router's users, and the users there that the portal did not make: in a transaction, and
//! straight from the pool.

use std::collections::BTreeMap;

use async_trait::async_trait;
use hotspot::{
    HotspotUser, HotspotUserStatus,
    ports::{RouterUserReads, RouterUserRows},
    queries::router_users::{UnknownRouterUserView, UnknownUserFilter},
    router_user::{UnknownRouterUser, UnknownStatus},
};
use kernel::{
    Id, Page, PageRequest, StoreError, Timestamp,
    id::ids::{HotspotUserId, RouterId, UnknownRouterUserId, UserId},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    prelude::Uuid,
    sea_query::{Expr, OnConflict},
};

use super::{
    hotspot_users, routers,
    session_reads::sum,
    sessions,
    unknown_router_users::{self as unknown, Column},
};
use crate::{Database, Tx, error::store_error};

/// How many rows go into one statement.
const BATCH: usize = 500;

#[async_trait]
impl RouterUserRows for Tx {
    async fn note_unknown_users(&mut self, users: &[UnknownRouterUser]) -> Result<(), StoreError> {
        let known = OnConflict::columns([Column::RouterId, Column::Username])
            .update_columns([Column::Comment, Column::LastSeenAt])
            .to_owned();
        for batch in users.chunks(BATCH) {
            unknown::Entity::insert_many(batch.iter().map(unknown::ActiveModel::from))
                .on_conflict(known.clone())
                .exec_without_returning(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn forget_unknown_users(&mut self, router: RouterId, before: Timestamp) -> Result<(), StoreError> {
        unknown::Entity::delete_many()
            .filter(Column::RouterId.eq(router.as_uuid()))
            .filter(Column::Status.eq(UnknownStatus::New.as_str()))
            .filter(Column::LastSeenAt.lt(before))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn lock_unknown_user(
        &mut self,
        id: UnknownRouterUserId,
    ) -> Result<Option<UnknownRouterUser>, StoreError> {
        let row = unknown::Entity::find_by_id(id.as_uuid())
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(UnknownRouterUser::try_from).transpose()
    }

    async fn decide_unknown_user(
        &mut self,
        id: UnknownRouterUserId,
        status: UnknownStatus,
        user: Option<UserId>,
    ) -> Result<(), StoreError> {
        unknown::Entity::update_many()
            .col_expr(Column::Status, Expr::value(status.as_str()))
            .col_expr(Column::UserId, Expr::value(user.map(|id| id.as_uuid())))
            .filter(Column::Id.eq(id.as_uuid()))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }
}

#[async_trait]
impl RouterUserReads for Database {
    async fn users_of_router(&self, router: RouterId) -> Result<Vec<HotspotUser>, StoreError> {
        let rows = hotspot_users::Entity::find()
            .filter(hotspot_users::Column::RouterId.eq(router.as_uuid()))
            .filter(not_over())
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(HotspotUser::try_from).collect()
    }

    async fn users_with_markers(&self, markers: &[&str]) -> Result<Vec<HotspotUser>, StoreError> {
        let rows = hotspot_users::Entity::find()
            .filter(hotspot_users::Column::Marker.is_in(markers.iter().copied()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(HotspotUser::try_from).collect()
    }

    async fn used_bytes(&self, router: RouterId) -> Result<BTreeMap<HotspotUserId, u64>, StoreError> {
        use sessions::Column as Session;
        let of_router = hotspot_users::Entity::find()
            .select_only()
            .column(hotspot_users::Column::Id)
            .filter(hotspot_users::Column::RouterId.eq(router.as_uuid()))
            .filter(not_over())
            .into_query();
        let all = [Session::BankedUp, Session::BankedDown, Session::SeenUp, Session::SeenDown];
        let sums: Vec<(Uuid, i64)> = sessions::Entity::find()
            .select_only()
            .column(Session::HotspotUserId)
            .column_as(sum(&all), "bytes")
            .filter(Session::HotspotUserId.in_subquery(of_router))
            .group_by(Session::HotspotUserId)
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let used = sums
            .into_iter()
            .map(|(id, bytes)| Ok((Id::from_uuid(id), u64::try_from(bytes).map_err(StoreError::corrupt)?)));
        used.collect()
    }

    async fn list_unknown_users(
        &self,
        filter: &UnknownUserFilter,
        page: PageRequest,
    ) -> Result<Page<UnknownRouterUserView>, StoreError> {
        let condition = Condition::all()
            .add_option(filter.status.map(|status| Column::Status.eq(status.as_str())))
            .add_option(filter.router_id.map(|router| Column::RouterId.eq(router.as_uuid())));
        let wanted = unknown::Entity::find().filter(condition);
        let total = wanted.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = wanted
            .order_by_desc(Column::FirstSeenAt)
            .order_by_desc(Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .find_also_related(routers::Entity)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(|(user, router)| view(user, router));
        Ok(Page { items: items.collect::<Result<_, _>>()?, request: page, total })
    }

    async fn find_unknown_user(
        &self,
        id: UnknownRouterUserId,
    ) -> Result<Option<UnknownRouterUserView>, StoreError> {
        let found = unknown::Entity::find_by_id(id.as_uuid())
            .find_also_related(routers::Entity)
            .one(self.reader())
            .await
            .map_err(store_error)?;
        found.map(|(user, router)| view(user, router)).transpose()
    }
}

fn not_over() -> Condition {
    let over = HotspotUserStatus::ALL.into_iter().filter(|status| status.is_over());
    Condition::all().add(hotspot_users::Column::Status.is_not_in(over.map(HotspotUserStatus::as_str)))
}

fn view(user: unknown::Model, router: Option<routers::Model>) -> Result<UnknownRouterUserView, StoreError> {
    let router_name = router.map(|router| router.name).unwrap_or_default();
    Ok(UnknownRouterUserView { user: user.try_into()?, router_name })
}
