//! Routers as they are shown, straight from the pool: each with its health and how many users are on it.

use std::collections::HashMap;

use hotspot::{Router, ports::RouterHealth, queries::RouterView};
use kernel::{StoreError, id::ids::RouterId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid};

use super::{hotspot_users, router_health, router_rows::live, routers};
use crate::{Database, error::store_error};

/// The routers that are wanted, by name.
pub(super) async fn list(database: &Database, with_retired: bool) -> Result<Vec<RouterView>, StoreError> {
    let mut wanted = routers::Entity::find().order_by_asc(routers::Column::Name);
    if !with_retired {
        wanted = wanted.filter(routers::Column::RetiredAt.is_null());
    }
    let rows = wanted.order_by_asc(routers::Column::Id).all(database.reader()).await.map_err(store_error)?;
    views(database, rows).await
}

/// One router.
pub(super) async fn one(database: &Database, id: RouterId) -> Result<Option<RouterView>, StoreError> {
    let row = routers::Entity::find_by_id(id.as_uuid()).one(database.reader()).await.map_err(store_error)?;
    Ok(views(database, row.into_iter().collect()).await?.pop())
}

async fn views(database: &Database, rows: Vec<routers::Model>) -> Result<Vec<RouterView>, StoreError> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let health = router_health::Entity::find()
        .filter(router_health::Column::RouterId.is_in(ids.clone()))
        .all(database.reader())
        .await
        .map_err(store_error)?;
    let mut health: HashMap<_, _> = health.into_iter().map(|row| (row.router_id, row)).collect();
    let users: Vec<(Uuid, i64)> = hotspot_users::Entity::find()
        .select_only()
        .column(hotspot_users::Column::RouterId)
        .column_as(hotspot_users::Column::Id.count(), "users")
        .filter(hotspot_users::Column::RouterId.is_in(ids))
        .filter(hotspot_users::Column::Status.is_in(live()))
        .group_by(hotspot_users::Column::RouterId)
        .into_tuple()
        .all(database.reader())
        .await
        .map_err(store_error)?;
    let users: HashMap<_, _> = users.into_iter().collect();
    let view = |row: routers::Model| {
        let id = row.id;
        Ok(RouterView {
            router: Router::try_from(row)?,
            health: health.remove(&id).map(RouterHealth::try_from).transpose()?.unwrap_or_default(),
            users: u64::try_from(users.get(&id).copied().unwrap_or(0)).map_err(StoreError::corrupt)?,
        })
    };
    rows.into_iter().map(view).collect()
}
