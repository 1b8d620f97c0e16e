//! Who subscribers were.

use async_trait::async_trait;
use kernel::{Id, StoreError, id::ids::SubscriberId};
use radius::{Subscriber, ports::ForgettingRows, profile_change::ChangeKind};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait as _, PaginatorTrait, QueryFilter, QuerySelect,
    Statement, Value,
    prelude::Uuid,
    sea_query::{Expr, Func},
};

use super::{
    profile_changes, radacct_observations as observations,
    radius_sessions::{self as sessions, Column},
    subscribers,
};
use crate::{Tx, error::store_error};

/// FreeRADIUS's own rows of a subscriber's sessions; the portal has counted them. A row of an id that another goes on with
/// is not over.
const FORGET_ACCOUNTING: &str = "DELETE FROM radacct WHERE acctstoptime IS NOT NULL \
     AND acctuniqueid IN (SELECT unique_id FROM radius_sessions WHERE subscriber_id = $1)";

/// What logins with a name were answered up to a moment. Whoever has the name later is another person.
const FORGET_LOGINS: &str = "DELETE FROM radpostauth WHERE LOWER(username) = $1 AND authdate <= $2";

impl Tx {
    async fn run(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<(), StoreError> {
        let statement = Statement::from_sql_and_values(self.connection().get_database_backend(), sql, values);
        self.connection().execute_raw(statement).await.map(drop).map_err(store_error)
    }
}

#[async_trait]
impl ForgettingRows for Tx {
    async fn sold_as(&mut self, markers: &[String]) -> Result<Vec<SubscriberId>, StoreError> {
        let ids: Vec<Uuid> = subscribers::Entity::find()
            .select_only()
            .column(subscribers::Column::Id)
            .filter(subscribers::Column::Marker.is_in(markers))
            .into_tuple()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(Id::from_uuid).collect())
    }

    async fn is_being_counted(&mut self, subscriber: &Subscriber) -> Result<bool, StoreError> {
        let open = sessions::Entity::find()
            .filter(Column::SubscriberId.eq(subscriber.id.as_uuid()))
            .filter(Column::StoppedAt.is_null())
            .count(self.connection())
            .await
            .map_err(store_error)?;
        if subscriber.username.is_empty() {
            return Ok(open > 0);
        }
        let name = Func::lower(Expr::col(observations::Column::Username));
        let waiting = observations::Entity::find()
            .filter(Expr::expr(name).eq(subscriber.username.as_str()))
            .count(self.connection())
            .await
            .map_err(store_error)?;
        Ok(open + waiting > 0)
    }

    async fn forget_name(&mut self, subscriber: &Subscriber) -> Result<(), StoreError> {
        self.run(FORGET_ACCOUNTING, [subscriber.id.as_uuid().into()]).await?;
        sessions::Entity::update_many()
            .col_expr(Column::Username, Expr::value(""))
            .filter(Column::SubscriberId.eq(subscriber.id.as_uuid()))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        let Some(gone_at) = subscriber.archived_at.filter(|_| !subscriber.username.is_empty()) else {
            return Ok(());
        };
        self.run(FORGET_LOGINS, [subscriber.username.as_str().into(), gone_at.into()]).await?;
        profile_changes::Entity::update_many()
            .col_expr(profile_changes::Column::Subject, Expr::value(""))
            .filter(profile_changes::Column::Kind.eq(ChangeKind::Subscriber.as_str()))
            .filter(profile_changes::Column::Subject.eq(subscriber.username.as_str()))
            .filter(profile_changes::Column::At.lte(gone_at))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }
}
