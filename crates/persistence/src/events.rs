//! The event log, and who gets told.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Consumer, Event, Id, JobSpec, NewJob, Queue, RequestId, StoreError, id::ids::EventId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*, sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};

use crate::{
    Database,
    error::store_error,
    tx::{Tx, in_chunks},
};

/// A fact, as a row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    kind: String,
    version: i32,
    aggregate_kind: String,
    aggregate_id: Uuid,
    story_id: Option<Uuid>,
    occurred_at: DateTimeUtc,
    request_id: Option<String>,
    payload: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

mod forgetting;

mod consumed {
    //! Which consumer has seen which fact.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consumed_events")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) consumer: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) event_id: Uuid,
        pub(super) consumed_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who is told of which kind of fact: kind → names of consumers.
#[derive(Debug, Clone, Default)]
pub struct Subscriptions(Arc<BTreeMap<&'static str, Vec<&'static str>>>);

impl Subscriptions {
    /// The wishes of all consumers.
    #[must_use]
    pub fn of<'a>(consumers: impl IntoIterator<Item = &'a dyn Consumer>) -> Self {
        let mut by_kind = BTreeMap::<_, Vec<_>>::new();
        for consumer in consumers {
            for kind in consumer.subscriptions() {
                by_kind.entry(*kind).or_default().push(consumer.name());
            }
        }
        Self(Arc::new(by_kind))
    }

    /// Every kind that somebody wants, with the consumers' names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &[&'static str])> {
        self.0.iter().map(|(kind, names)| (*kind, names.as_slice()))
    }
}

/// The job that tells one consumer of one fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverEvent {
    /// [`Consumer::name`].
    pub consumer: String,
    /// The fact.
    pub event_id: EventId,
}

impl JobSpec for DeliverEvent {
    const KIND: &'static str = "deliver_event";
    const QUEUE: Queue = Queue::High;
}

impl Tx {
    pub(crate) async fn append_events(&mut self, events: Vec<Event>) -> Result<(), StoreError> {
        let shared = self.shared.clone();
        let mut deliveries = Vec::new();
        let mut rows = Vec::with_capacity(events.len());
        for event in events {
            let wanted = shared.subscriptions.get().and_then(|wanted| wanted.0.get(event.kind.as_str()));
            for consumer in wanted.into_iter().flatten() {
                let delivery = DeliverEvent { consumer: (*consumer).to_owned(), event_id: event.id };
                deliveries.push(NewJob::new(&shared.ambient, &delivery, event.request_id.clone())?);
            }
            rows.push(ActiveModel {
                id: Set(event.id.as_uuid()),
                kind: Set(event.kind),
                version: Set(event.version),
                aggregate_kind: Set(event.aggregate_kind),
                aggregate_id: Set(event.aggregate_id),
                story_id: Set(event.story_id),
                occurred_at: Set(event.occurred_at),
                request_id: Set(event.request_id.map(|id| id.to_string())),
                payload: Set(event.payload),
            });
        }
        self.enqueue_jobs(deliveries).await?;
        for some in in_chunks(rows) {
            Entity::insert_many(some).exec_without_returning(self.connection()).await.map_err(store_error)?;
        }
        Ok(())
    }

    pub(crate) async fn mark_consumed(&mut self, consumer: &str, event: EventId) -> Result<bool, StoreError> {
        let row = consumed::ActiveModel {
            consumer: Set(consumer.to_owned()),
            event_id: Set(event.as_uuid()),
            consumed_at: Set(self.shared.ambient.now()),
        };
        let on_conflict = OnConflict::columns([consumed::Column::Consumer, consumed::Column::EventId])
            .do_nothing()
            .to_owned();
        let inserted = consumed::Entity::insert(row)
            .on_conflict(on_conflict)
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }
}

impl Database {
    /// One fact.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_event(&self, id: EventId) -> Result<Option<Event>, StoreError> {
        let row = Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(store_error)?;
        Ok(row.map(Event::from))
    }

    /// The facts of one story, oldest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn story(&self, story: Uuid, limit: u64) -> Result<Vec<Event>, StoreError> {
        let rows = Entity::find()
            .filter(Column::StoryId.eq(story))
            .order_by_asc(Column::OccurredAt)
            .order_by_asc(Column::Id)
            .limit(limit)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Event::from).collect())
    }

    /// The latest facts of one kind since a moment, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn latest_events(
        &self,
        kind: &str,
        since: kernel::Timestamp,
        limit: u64,
    ) -> Result<Vec<Event>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Kind.eq(kind))
            .filter(Column::OccurredAt.gte(since))
            .order_by_desc(Column::OccurredAt)
            .limit(limit)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Event::from).collect())
    }

    /// How many facts of one kind there are since a moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_events(&self, kind: &str, since: kernel::Timestamp) -> Result<u64, StoreError> {
        let found = Entity::find().filter(Column::Kind.eq(kind)).filter(Column::OccurredAt.gte(since));
        found.count(self.reader()).await.map_err(store_error)
    }
}

impl From<Model> for Event {
    fn from(row: Model) -> Self {
        Self {
            id: Id::from_uuid(row.id),
            kind: row.kind,
            version: row.version,
            aggregate_kind: row.aggregate_kind,
            aggregate_id: row.aggregate_id,
            story_id: row.story_id,
            occurred_at: row.occurred_at,
            request_id: row.request_id.as_deref().and_then(RequestId::parse),
            payload: row.payload,
        }
    }
}
