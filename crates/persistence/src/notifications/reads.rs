//! The inbox, straight from the pool.

use ::notifications::{Notification, NotificationReads};
use async_trait::async_trait;
use kernel::{
    Page, PageRequest, StoreError,
    id::ids::{NotificationId, UserId},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::notifications::{Column, Entity, inbox_of};
use crate::{Database, error::store_error};

#[async_trait]
impl NotificationReads for Database {
    async fn inbox(
        &self,
        user: UserId,
        unread_only: bool,
        page: PageRequest,
    ) -> Result<Page<Notification>, StoreError> {
        let mut inbox = Entity::find().filter(inbox_of(user));
        if unread_only {
            inbox = inbox.filter(Column::ReadAt.is_null());
        }
        let total = inbox.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = inbox
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(Notification::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, request: page, total })
    }

    async fn inbox_entry(
        &self,
        user: UserId,
        id: NotificationId,
    ) -> Result<Option<Notification>, StoreError> {
        let row = Entity::find_by_id(id.as_uuid())
            .filter(inbox_of(user))
            .one(self.reader())
            .await
            .map_err(store_error)?;
        row.map(Notification::try_from).transpose()
    }

    async fn unread_count(&self, user: UserId) -> Result<u64, StoreError> {
        let unread = Entity::find().filter(inbox_of(user)).filter(Column::ReadAt.is_null());
        unread.count(self.reader()).await.map_err(store_error)
    }
}
