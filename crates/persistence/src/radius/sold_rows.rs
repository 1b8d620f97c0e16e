//! What was sold, among the subscribers: in a transaction, and straight from the pool.

use async_trait::async_trait;
use kernel::{StoreError, id::ids::RouterId};
use radius::{
    Subscriber,
    ports::{SoldReads, SoldRows},
    session::Session,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait as _, JoinType, QueryFilter, QueryOrder, QuerySelect,
    Select, sea_query::Expr,
};

use super::{
    radius_sessions::{self as sessions, Column as OfSession},
    subscribers::{self, Column},
};
use crate::{Database, Tx, error::store_error};

/// Who has a name, what was sold first: of that there is one at most.
fn holders(username: &str) -> Select<subscribers::Entity> {
    subscribers::Entity::find()
        .filter(Column::Username.eq(username))
        .filter(Column::ArchivedAt.is_null())
        .order_by_desc(Expr::col(Column::Marker).is_not_null())
        .order_by_asc(Column::Id)
}

#[async_trait]
impl SoldRows for Tx {
    async fn lock_holder(&mut self, username: &str) -> Result<Option<Subscriber>, StoreError> {
        let row = holders(username).lock_exclusive().one(self.connection()).await.map_err(store_error)?;
        row.map(Subscriber::try_from).transpose()
    }
}

#[async_trait]
impl SoldReads for Database {
    async fn holder_of(&self, username: &str) -> Result<Option<Subscriber>, StoreError> {
        let row = holders(username).one(self.reader()).await.map_err(store_error)?;
        row.map(Subscriber::try_from).transpose()
    }

    async fn sold_at(&self, router: RouterId) -> Result<Vec<Subscriber>, StoreError> {
        let rows = subscribers::Entity::find()
            .filter(Column::RouterId.eq(router.as_uuid()))
            .filter(Column::ArchivedAt.is_null())
            .order_by_asc(Column::Id)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Subscriber::try_from).collect()
    }

    async fn open_sessions_of_sold(
        &self,
        router: RouterId,
        username: Option<&str>,
    ) -> Result<Vec<(String, Session)>, StoreError> {
        let whose = sessions::Entity::belongs_to(subscribers::Entity)
            .from(OfSession::SubscriberId)
            .to(Column::Id)
            .into();
        let rows: Vec<(sessions::Model, Option<subscribers::Model>)> = sessions::Entity::find()
            .join(JoinType::InnerJoin, whose)
            .select_also(subscribers::Entity)
            .filter(OfSession::StoppedAt.is_null())
            .filter(Column::RouterId.eq(router.as_uuid()))
            .filter(Condition::all().add_option(username.map(|name| Column::Username.eq(name))))
            .order_by_asc(OfSession::Id)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let named = rows.into_iter().filter_map(|(session, whose)| Some((whose?.issued_name?, session)));
        named.map(|(name, session)| Ok((name, session.try_into()?))).collect()
    }
}
