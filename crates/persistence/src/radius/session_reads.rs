//! Single sessions, and those of one subscriber.

use async_trait::async_trait;
use kernel::{
    StoreError,
    id::ids::{RadiusSessionId, SubscriberId},
};
use radius::{ports::SessionReads, session::Session};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::radius_sessions::{Column, Entity};
use crate::{Database, error::store_error};

#[async_trait]
impl SessionReads for Database {
    async fn find_radius_session(&self, id: RadiusSessionId) -> Result<Option<Session>, StoreError> {
        let row = Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(store_error)?;
        row.map(Session::try_from).transpose()
    }

    async fn open_radius_sessions_of(&self, subscriber: SubscriberId) -> Result<Vec<Session>, StoreError> {
        let rows = Entity::find()
            .filter(Column::SubscriberId.eq(subscriber.as_uuid()))
            .filter(Column::StoppedAt.is_null())
            .order_by_asc(Column::Id)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Session::try_from).collect()
    }
}
