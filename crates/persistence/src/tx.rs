//! The one transaction type. Every domain's unit of work is this type seen through that domain's trait.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    Claim, Event, IdempotencyKey, NewJob, StoreError, Timestamp, UnitOfWork, audit::AuditRecord,
    id::ids::EventId,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait as _, DatabaseTransaction, DbBackend, EntityTrait,
    QueryFilter, Statement, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::{Database, database::Shared, error::store_error};

/// How many rows or values one statement carries: both databases take some 32,000 values, and our widest row has 25.
const CHUNK: usize = 1_000;

/// Rows in as many parts as statements can carry; no part is empty.
pub(crate) fn in_chunks<T>(rows: Vec<T>) -> impl Iterator<Item = Vec<T>> {
    let mut rest = rows.into_iter();
    std::iter::from_fn(move || {
        Some(rest.by_ref().take(CHUNK).collect::<Vec<_>>()).filter(|some| !some.is_empty())
    })
}

/// An open transaction. Dropping it undoes it.
pub struct Tx {
    connection: DatabaseTransaction,
    pub(crate) shared: Arc<Shared>,
    /// Whether workers have something to do once this is committed.
    pub(crate) wakes: bool,
}

impl Tx {
    pub(crate) fn new(connection: DatabaseTransaction, shared: Arc<Shared>) -> Self {
        Self { connection, shared, wakes: false }
    }

    pub(crate) fn connection(&self) -> &DatabaseTransaction {
        &self.connection
    }

    /// Has everybody who names the same wait for the end of this transaction. SQLite has one writer at a time,
    /// and this is it.
    pub(crate) async fn take_turns(&self, name: String) -> Result<(), StoreError> {
        if self.connection().get_database_backend() == DbBackend::Postgres {
            let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
            let lock = Statement::from_sql_and_values(DbBackend::Postgres, lock, [name.into()]);
            self.connection().execute_raw(lock).await.map_err(store_error)?;
        }
        Ok(())
    }
}

#[async_trait]
impl UnitOfWork for Tx {
    async fn append(&mut self, event: Event) -> Result<(), StoreError> {
        self.append_events(vec![event]).await
    }

    async fn append_all(&mut self, events: Vec<Event>) -> Result<(), StoreError> {
        self.append_events(events).await
    }

    async fn enqueue(&mut self, job: NewJob) -> Result<(), StoreError> {
        self.enqueue_jobs(vec![job]).await
    }

    async fn audit(&mut self, record: AuditRecord) -> Result<(), StoreError> {
        let row = audit_log::ActiveModel {
            id: Set(record.id.as_uuid()),
            at: Set(record.at),
            event_type: Set(record.event_type.to_owned()),
            actor: Set(record.origin.actor.to_string()),
            ip: Set(record.origin.ip.map(|ip| ip.to_string())),
            request_id: Set(record.origin.request_id.map(|id| id.to_string())),
            resource: Set(record.resource),
            action: Set(record.action.to_owned()),
            status: Set(record.status.to_owned()),
            details: Set(record.details),
            sequence: Set(None),
            hash: Set(None),
        };
        let insert = audit_log::Entity::insert(row).exec_without_returning(&self.connection);
        insert.await.map(drop).map_err(store_error)
    }

    async fn first_time(&mut self, consumer: &'static str, event: EventId) -> Result<bool, StoreError> {
        self.mark_consumed(consumer, event).await
    }

    async fn claim(&mut self, key: &IdempotencyKey, resource: Uuid) -> Result<Claim, StoreError> {
        let row = idempotency_keys::ActiveModel {
            scope: Set(key.scope.clone()),
            body_hash: Set(key.body_hash.clone()),
            resource_id: Set(resource),
            created_at: Set(self.shared.ambient.now()),
        };
        let on_conflict = OnConflict::column(idempotency_keys::Column::Scope).do_nothing().to_owned();
        let inserted = idempotency_keys::Entity::insert(row)
            .on_conflict(on_conflict)
            .exec_without_returning(&self.connection)
            .await
            .map_err(store_error)?;
        if inserted == 1 {
            return Ok(Claim::New);
        }
        let earlier = idempotency_keys::Entity::find_by_id(key.scope.clone())
            .one(&self.connection)
            .await
            .map_err(store_error)?
            .ok_or_else(|| StoreError::Conflict("the idempotency key is gone again".to_owned()))?;
        if earlier.body_hash == key.body_hash {
            Ok(Claim::Repeated(earlier.resource_id))
        } else {
            Ok(Claim::OtherBody)
        }
    }

    async fn forget_in_events(&mut self, about: Uuid) -> Result<bool, StoreError> {
        self.forget_in_told(about).await
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { connection, shared, wakes } = *self;
        if let Some(probe) = shared.probe.get() {
            probe("before");
        }
        connection.commit().await.map_err(store_error)?;
        if let Some(probe) = shared.probe.get() {
            probe("after");
        }
        if wakes {
            shared.wake.notify_waiters();
        }
        Ok(())
    }
}

impl Database {
    /// Forgets idempotency keys older than a moment. Says how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune_idempotency_keys(&self, before: Timestamp) -> Result<u64, StoreError> {
        let old = idempotency_keys::Column::CreatedAt.lt(before);
        let gone = idempotency_keys::Entity::delete_many().filter(old).exec(self.writer()).await;
        Ok(gone.map_err(store_error)?.rows_affected)
    }
}

pub(crate) mod audit_log {
    //! A line of the audit log, as a row. `sequence` and `hash` are given later, when the line is sealed.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_log")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) at: DateTimeUtc,
        pub(crate) event_type: String,
        pub(crate) actor: String,
        pub(crate) ip: Option<String>,
        pub(crate) request_id: Option<String>,
        pub(crate) resource: String,
        pub(crate) action: String,
        pub(crate) status: String,
        pub(crate) details: Json,
        pub(crate) sequence: Option<i64>,
        pub(crate) hash: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod idempotency_keys {
    //! A used idempotency key, as a row.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_keys")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) scope: String,
        pub(crate) body_hash: String,
        pub(crate) resource_id: Uuid,
        pub(crate) created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[cfg(test)]
mod tests;
