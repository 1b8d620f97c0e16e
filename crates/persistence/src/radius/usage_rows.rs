//! Accounting in a transaction: from the queue to sessions and the ledger.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::{
    Id, StoreError, Timestamp,
    id::ids::{RadiusSessionId, SubscriberId},
};
use radius::{
    Subscriber,
    observation::Observation,
    ports::{Entries, Owner, UsageRows},
    quota::Warning,
    session::Session,
    subscriber::QuotaState,
    usage::{Calendar, Used},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait as _, DbBackend, EntityTrait, ExprTrait as _, QueryFilter,
    QueryOrder, QuerySelect, Select,
    prelude::Uuid,
    sea_query::{Alias, Expr, OnConflict, Query},
};

use super::{
    number, radacct_observations as observations,
    radius_sessions::{self as sessions, CHANGING, Column},
    subscribers, usage_ledger as ledger, usage_sums as used, usage_warnings as told,
};
use crate::{Tx, error::store_error};

/// How many rows one statement writes or names: SQLite takes 32766 values.
const AT_ONCE: usize = 500;

#[async_trait]
impl UsageRows for Tx {
    async fn take_accounting_turn(&mut self) -> Result<(), StoreError> {
        // SQLite has one writer, and this is it.
        if self.connection().get_database_backend() == DbBackend::Sqlite {
            return Ok(());
        }
        // A number of our own for "accounting is being taken in"; released with the transaction.
        const TAKING_IN: &str = "SELECT pg_advisory_xact_lock(7263114912)";
        self.connection().execute_unprepared(TAKING_IN).await.map(drop).map_err(store_error)
    }

    async fn next_observations(&mut self, limit: u64) -> Result<Vec<Observation>, StoreError> {
        let oldest = observations::Entity::find().order_by_asc(observations::Column::Id).limit(limit);
        let rows = oldest.all(self.connection()).await.map_err(store_error)?;
        Ok(rows.into_iter().map(Observation::from).collect())
    }

    async fn forget_observations(&mut self, ids: &[i64]) -> Result<(), StoreError> {
        for some in ids.chunks(AT_ONCE) {
            observations::Entity::delete_many()
                .filter(observations::Column::Id.is_in(some.iter().copied()))
                .exec(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn sessions_named(&mut self, unique_ids: &[&str]) -> Result<Vec<Session>, StoreError> {
        let mut latest: HashMap<String, Vec<Session>> = HashMap::new();
        for some in unique_ids.chunks(AT_ONCE) {
            let rows = named(some).all(self.connection()).await.map_err(store_error)?;
            for row in rows {
                let of_name = latest.entry(row.unique_id.clone()).or_default();
                if of_name.len() < 2 {
                    of_name.push(row.try_into()?);
                }
            }
        }
        Ok(latest.into_values().flatten().collect())
    }

    async fn owners(&mut self, ids: &[SubscriberId], usernames: &[&str]) -> Result<Vec<Owner>, StoreError> {
        use subscribers::Column as Of;
        let mut owners = Vec::new();
        let (ids, names) = (ids.chunks(AT_ONCE), usernames.chunks(AT_ONCE));
        let by_id = ids.map(|some| Condition::all().add(Of::Id.is_in(some.iter().map(|id| id.as_uuid()))));
        let by_name = names.map(|some| Condition::all().add(Of::Username.is_in(some.iter().copied())));
        for wanted in by_id.chain(by_name) {
            let rows: Vec<(Uuid, String, Option<Uuid>)> = subscribers::Entity::find()
                .select_only()
                .columns([Of::Id, Of::Username, Of::UserId])
                .filter(wanted)
                .order_by_desc(Of::Enabled)
                .order_by_desc(Of::CreatedAt)
                .order_by_desc(Of::Id)
                .into_tuple()
                .all(self.connection())
                .await
                .map_err(store_error)?;
            owners.extend(rows.into_iter().map(|(id, username, user)| Owner {
                subscriber_id: Id::from_uuid(id),
                username,
                user_id: user.map(Id::from_uuid),
            }));
        }
        Ok(owners)
    }

    async fn save_radius_sessions(&mut self, saved: &[&Session]) -> Result<(), StoreError> {
        for some in saved.chunks(AT_ONCE) {
            let rows = some.iter().map(|session| sessions::ActiveModel::try_from(*session));
            sessions::Entity::insert_many(rows.collect::<Result<Vec<_>, _>>()?)
                .on_conflict(OnConflict::column(Column::Id).update_columns(CHANGING).to_owned())
                .exec_without_returning(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn add_usage(&mut self, entries: &Entries) -> Result<(), StoreError> {
        let owners = owners_of(self, entries).await?;
        let mut rows = Vec::with_capacity(entries.len());
        for ((session, day), used) in entries {
            rows.push(ledger::ActiveModel {
                session_id: Set(session.as_uuid()),
                day: Set(*day),
                subscriber_id: Set(owners.get(&session.as_uuid()).copied().flatten()),
                up: Set(number(used.up)?),
                down: Set(number(used.down)?),
            });
        }
        let more = |column: ledger::Column| {
            Expr::col((ledger::Entity, column)).add(Expr::col((Alias::new("excluded"), column)))
        };
        let known = OnConflict::columns([ledger::Column::SessionId, ledger::Column::Day])
            .value(ledger::Column::Up, more(ledger::Column::Up))
            .value(ledger::Column::Down, more(ledger::Column::Down))
            .to_owned();
        for some in rows.chunks(AT_ONCE) {
            ledger::Entity::insert_many(some.to_vec())
                .on_conflict(known.clone())
                .exec_without_returning(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn attribute_usage(
        &mut self,
        subscriber: SubscriberId,
        of: &[RadiusSessionId],
    ) -> Result<(), StoreError> {
        for some in of.chunks(AT_ONCE) {
            ledger::Entity::update_many()
                .col_expr(ledger::Column::SubscriberId, Expr::value(subscriber.as_uuid()))
                .filter(ledger::Column::SessionId.is_in(some.iter().map(|id| id.as_uuid())))
                .exec(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn silent_sessions(&mut self, since: Timestamp, limit: u64) -> Result<Vec<Session>, StoreError> {
        let rows = silent(since, limit).all(self.connection()).await.map_err(store_error)?;
        rows.into_iter().map(Session::try_from).collect()
    }

    async fn end_accounting_rows(&mut self, ended: &[&Session]) -> Result<(), StoreError> {
        for session in ended {
            let end = Query::update()
                .table(Alias::new("radacct"))
                .value(Alias::new("acctstoptime"), Expr::value(session.stopped_at))
                .value(Alias::new("acctterminatecause"), Expr::value(session.cause.clone()))
                .and_where(Expr::col(Alias::new("acctuniqueid")).eq(session.unique_id.as_str()))
                .and_where(Expr::col(Alias::new("acctstoptime")).is_null())
                .to_owned();
            self.connection().execute(&end).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn used_by(
        &mut self,
        subscribers: &[&Subscriber],
        calendar: &Calendar,
    ) -> Result<HashMap<SubscriberId, Used>, StoreError> {
        used::used_by(self.connection(), subscribers, calendar).await
    }

    async fn note_warning(
        &mut self,
        subscriber: SubscriberId,
        warning: &Warning,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = told::ActiveModel {
            subscriber_id: Set(subscriber.as_uuid()),
            code: Set(warning.code.to_owned()),
            period: Set(warning.period.map_or("expiry", |period| period.as_str()).to_owned()),
            once_per: Set(warning.once_per),
            told_at: Set(at),
        };
        let inserted = told::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn change_quota_state(
        &mut self,
        subscriber: SubscriberId,
        from: QuotaState,
        to: QuotaState,
    ) -> Result<bool, StoreError> {
        use subscribers::Column as Of;
        let (before, after) = (from.exhausted(), to.exhausted());
        let period = before.map(|(period, _)| period.as_str());
        let changed = subscribers::Entity::update_many()
            .col_expr(Of::QuotaState, Expr::value(to.as_str()))
            .col_expr(Of::QuotaPeriod, Expr::value(after.map(|(period, _)| period.as_str())))
            .col_expr(Of::QuotaUntil, Expr::value(after.and_then(|(_, until)| until)))
            .filter(Of::Id.eq(subscriber.as_uuid()))
            .filter(Of::QuotaState.eq(from.as_str()))
            .filter(period.map_or_else(|| Of::QuotaPeriod.is_null(), |period| Of::QuotaPeriod.eq(period)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(changed.rows_affected == 1)
    }
}

/// The sessions with these names, the latest of each first.
pub(super) fn named(unique_ids: &[&str]) -> Select<sessions::Entity> {
    sessions::Entity::find()
        .filter(Column::UniqueId.is_in(unique_ids.iter().copied()))
        .order_by_desc(Column::Generation)
}

/// Open sessions that were not heard of since a moment and of which nothing waits to be taken in.
pub(super) fn silent(since: Timestamp, limit: u64) -> Select<sessions::Entity> {
    let waiting =
        Query::select().column(observations::Column::Acctuniqueid).from(observations::Entity).to_owned();
    sessions::Entity::find()
        .filter(Column::StoppedAt.is_null())
        .filter(Column::LastSeenAt.lt(since))
        .filter(Column::UniqueId.not_in_subquery(waiting))
        .order_by_asc(Column::LastSeenAt)
        .limit(limit)
}

/// Whose the sessions in some entries are, as they were just saved.
async fn owners_of(tx: &Tx, entries: &Entries) -> Result<HashMap<Uuid, Option<Uuid>>, StoreError> {
    let mut ids: Vec<Uuid> = entries.keys().map(|(session, _)| session.as_uuid()).collect();
    ids.dedup();
    let mut owners = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        let rows: Vec<(Uuid, Option<Uuid>)> = sessions::Entity::find()
            .select_only()
            .columns([Column::Id, Column::SubscriberId])
            .filter(Column::Id.is_in(some.iter().copied()))
            .into_tuple()
            .all(tx.connection())
            .await
            .map_err(store_error)?;
        owners.extend(rows);
    }
    Ok(owners)
}
