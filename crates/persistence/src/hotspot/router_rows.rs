//! Routers, within a transaction.

use async_trait::async_trait;
use hotspot::{
    HotspotUserStatus, Router, RouterMode,
    ports::{RouterHealth, RouterRows},
};
use kernel::{
    StoreError, Timestamp,
    id::ids::{RouterId, SiteId},
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

use super::{
    hotspot_users, router_health,
    routers::{self, Column, takes_users},
};
use crate::{error::store_error, tx::Tx};

/// The statuses of hotspot users that are not over: their router is still of importance to them.
pub(super) fn live() -> impl Iterator<Item = &'static str> {
    HotspotUserStatus::ALL.into_iter().filter(|status| !status.is_over()).map(HotspotUserStatus::as_str)
}

#[async_trait]
impl RouterRows for Tx {
    async fn default_router(&mut self, site: SiteId) -> Result<Option<Router>, StoreError> {
        let row = routers::Entity::find()
            .filter(Column::SiteId.eq(site.as_uuid()))
            .filter(Column::IsDefault.eq(true))
            .filter(takes_users())
            .lock_shared()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(Router::try_from).transpose()
    }

    async fn router_taking_users(&mut self, id: RouterId) -> Result<Option<Router>, StoreError> {
        let row = routers::Entity::find_by_id(id.as_uuid())
            .filter(takes_users())
            .lock_shared()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(Router::try_from).transpose()
    }

    async fn configured_router(&mut self, site: SiteId) -> Result<Option<Router>, StoreError> {
        let row = routers::Entity::find()
            .filter(Column::SiteId.eq(site.as_uuid()))
            .filter(Column::Configured.eq(true))
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(Router::try_from).transpose()
    }

    async fn radius_router(&mut self, site: SiteId) -> Result<Option<Router>, StoreError> {
        let row = routers::Entity::find()
            .filter(Column::SiteId.eq(site.as_uuid()))
            .filter(Column::Mode.eq(RouterMode::Radius.as_str()))
            .lock_shared()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(Router::try_from).transpose()
    }

    async fn lock_router(&mut self, id: RouterId) -> Result<Option<Router>, StoreError> {
        let row = routers::Entity::find_by_id(id.as_uuid())
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(Router::try_from).transpose()
    }

    async fn live_users_on(&mut self, router: RouterId) -> Result<u64, StoreError> {
        hotspot_users::Entity::find()
            .filter(hotspot_users::Column::RouterId.eq(router.as_uuid()))
            .filter(hotspot_users::Column::Status.is_in(live()))
            .count(self.connection())
            .await
            .map_err(store_error)
    }

    async fn insert_router(&mut self, router: &Router) -> Result<bool, StoreError> {
        let inserted = routers::Entity::insert(routers::ActiveModel::from(router))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn update_router(&mut self, router: &Router) -> Result<bool, StoreError> {
        let namesakes = routers::Entity::find()
            .filter(Column::Name.eq(&router.name))
            .filter(Column::Id.ne(router.id.as_uuid()))
            .filter(Column::RetiredAt.is_null())
            .count(self.connection())
            .await
            .map_err(store_error)?;
        if namesakes > 0 && router.retired_at.is_none() {
            return Ok(false);
        }
        let mut row = routers::ActiveModel::from(router);
        row.id = Unchanged(router.id.as_uuid());
        row.is_default = Unchanged(router.is_default);
        row.created_at = Unchanged(router.created_at);
        routers::Entity::update(row).exec(self.connection()).await.map_err(store_error)?;
        Ok(true)
    }

    async fn make_default(&mut self, router: &Router) -> Result<(), StoreError> {
        // All of the site in one order, so that two who choose different ones follow each other.
        let of_the_site = routers::Entity::find().filter(Column::SiteId.eq(router.site_id.as_uuid()));
        of_the_site
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        // The old one first: there are never two.
        for is_default in [false, true] {
            let mut update = routers::Entity::update_many()
                .col_expr(Column::IsDefault, Expr::value(is_default))
                .filter(Column::SiteId.eq(router.site_id.as_uuid()));
            if is_default {
                update = update.filter(Column::Id.eq(router.id.as_uuid()));
            }
            update.exec(self.connection()).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn note_health(
        &mut self,
        router: RouterId,
        at: Timestamp,
        health: &RouterHealth,
    ) -> Result<(), StoreError> {
        let (last_error_at, last_error) = health.last_error.clone().unzip();
        let row = router_health::ActiveModel {
            router_id: Set(router.as_uuid()),
            checked_at: Set(at),
            last_seen_at: Set(health.last_seen_at),
            last_error_at: Set(last_error_at),
            last_error: Set(last_error),
            failures: Set(i32::try_from(health.failures).unwrap_or(i32::MAX)),
            breaker: Set(health.breaker.as_str().to_owned()),
        };
        use router_health::Column::{
            Breaker, CheckedAt, Failures, LastError, LastErrorAt, LastSeenAt, RouterId,
        };
        let newest = OnConflict::column(RouterId)
            .update_columns([CheckedAt, LastSeenAt, LastErrorAt, LastError, Failures, Breaker])
            .action_and_where(Expr::col((router_health::Entity, CheckedAt)).lte(at))
            .to_owned();
        router_health::Entity::insert(row)
            .on_conflict(newest)
            .exec_without_returning(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }
}
