//! Sessions and usage, straight from the pool.

use async_trait::async_trait;
use kernel::{
    Id, Page, PageRequest, StoreError, Timestamp,
    id::ids::{RadiusSessionId, SubscriberId},
};
use radius::{
    Subscriber,
    ports::UsageReads,
    queries::usage::{Difference, Proof, SessionFilter},
    session::Session,
    usage::{Calendar, Used},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait as _, JoinType, PaginatorTrait as _, QueryFilter,
    QueryOrder, QuerySelect, RelationTrait as _, Select, prelude::Uuid, sea_query::Expr,
};

use super::{
    number,
    radius_sessions::{self as sessions, Column},
    subscribers, usage_ledger as ledger,
    usage_sums::used_by,
};
use crate::{Database, error::store_error, search::contains};

/// How many sessions that differ are named.
const NAMED: u64 = 100;

#[async_trait]
impl UsageReads for Database {
    async fn usage_of(&self, subscriber: &Subscriber, calendar: &Calendar) -> Result<Used, StoreError> {
        let used = used_by(self.reader(), &[subscriber], calendar).await?;
        Ok(used.get(&subscriber.id).copied().unwrap_or_default())
    }

    async fn usage_updated_at(&self, subscriber: SubscriberId) -> Result<Option<Timestamp>, StoreError> {
        let latest: Option<Option<Timestamp>> = sessions::Entity::find()
            .select_only()
            .expr(Expr::col(Column::LastSeenAt).max())
            .filter(Column::SubscriberId.eq(subscriber.as_uuid()))
            .into_tuple()
            .one(self.reader())
            .await
            .map_err(store_error)?;
        Ok(latest.flatten())
    }

    async fn list_radius_sessions(
        &self,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<Session>, StoreError> {
        let wanted = sessions::Entity::find().filter(condition(filter));
        let total = wanted.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = latest(wanted, page).all(self.reader()).await.map_err(store_error)?;
        let items = rows.into_iter().map(Session::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, request: page, total })
    }

    async fn find_radius_session(&self, id: RadiusSessionId) -> Result<Option<Session>, StoreError> {
        let row = sessions::Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(store_error)?;
        row.map(Session::try_from).transpose()
    }

    async fn open_radius_sessions_of(&self, subscriber: SubscriberId) -> Result<Vec<Session>, StoreError> {
        let rows = sessions::Entity::find()
            .filter(Column::SubscriberId.eq(subscriber.as_uuid()))
            .filter(Column::StoppedAt.is_null())
            .order_by_asc(Column::StartedAt)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Session::try_from).collect()
    }

    async fn enabled_after(
        &self,
        last: Option<SubscriberId>,
        limit: u64,
    ) -> Result<Vec<SubscriberId>, StoreError> {
        use subscribers::Column as Of;
        let ids: Vec<Uuid> = subscribers::Entity::find()
            .select_only()
            .column(Of::Id)
            .filter(Of::Enabled.eq(true))
            .filter(Condition::all().add_option(last.map(|last| Of::Id.gt(last.as_uuid()))))
            .order_by_asc(Of::Id)
            .limit(limit)
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(Id::from_uuid).collect())
    }

    async fn prove_usage(&self) -> Result<Proof, StoreError> {
        let through = || together(Column::Up, Column::Down);
        let (count, bytes): (i64, Option<i64>) = sessions::Entity::find()
            .select_only()
            .expr(Expr::col(Column::Id).count())
            .expr(through().sum().cast_as("bigint"))
            .into_tuple()
            .one(self.reader())
            .await
            .map_err(store_error)?
            .unwrap_or_default();
        let in_ledger = || {
            let sum = together(ledger::Column::Up, ledger::Column::Down).sum();
            Expr::expr(sum.if_null(0)).cast_as("bigint")
        };
        let differing: Vec<(Uuid, i64, i64)> = sessions::Entity::find()
            .join_rev(JoinType::LeftJoin, ledger::Relation::Session.def())
            .select_only()
            .column(Column::Id)
            .expr(through())
            .expr(in_ledger())
            .group_by(Column::Id)
            .having(in_ledger().ne(through()))
            .order_by_asc(Column::Id)
            .limit(NAMED)
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let differences = differing.into_iter().map(|(id, session, ledger)| {
            Ok(Difference {
                session_id: Id::from_uuid(id),
                session: number(session)?,
                ledger: number(ledger)?,
            })
        });
        Ok(Proof {
            sessions: number(count)?,
            bytes: number(bytes.unwrap_or(0))?,
            differing: differences.collect::<Result<_, StoreError>>()?,
        })
    }
}

/// Both directions of a row.
pub(super) fn together<C: ColumnTrait>(up: C, down: C) -> Expr {
    Expr::col(up.as_column_ref()).add(Expr::col(down.as_column_ref()))
}

/// A page of sessions, latest first.
pub(super) fn latest(wanted: Select<sessions::Entity>, page: PageRequest) -> Select<sessions::Entity> {
    let latest_first = wanted.order_by_desc(Column::StartedAt).order_by_desc(Column::Id);
    latest_first.offset(page.offset()).limit(u64::from(page.per_page()))
}

pub(super) fn condition(filter: &SessionFilter) -> Condition {
    let SessionFilter { owner, subscriber_id, username, nas_address, mac, open, from, to } = filter;
    let open = open.map(|open| match open {
        true => Column::StoppedAt.is_null(),
        false => Column::StoppedAt.is_not_null(),
    });
    Condition::all()
        .add_option(owner.map(|owner| Column::UserId.eq(owner.as_uuid())))
        .add_option(subscriber_id.map(|id| Column::SubscriberId.eq(id.as_uuid())))
        .add_option(username.as_deref().map(|part| contains((sessions::Entity, Column::Username), part)))
        .add_option(nas_address.as_deref().map(|address| Column::NasAddress.eq(address)))
        .add_option(mac.as_deref().map(|mac| Column::Mac.eq(mac)))
        .add_option(open)
        .add_option(from.map(|from| Column::StartedAt.gte(from)))
        .add_option(to.map(|to| Column::StartedAt.lt(to)))
}
