//! Facts: what happened, written in the same commit that made it true, and told to every consumer at least
//! once.

use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    ambient::{Ambient, Timestamp},
    id::{Id, ids::EventId},
    origin::{Origin, RequestId},
    unit_of_work::StoreError,
};

/// A kind of fact. Its JSON is a promise: a version changes only by adding fields; anything else is a new
/// version.
pub trait EventPayload: Serialize + DeserializeOwned {
    /// The name that consumers subscribe to.
    const TYPE: &'static str;
    /// The version of the JSON form.
    const VERSION: i32 = 1;

    /// What the fact is about: its kind and id.
    fn aggregate(&self) -> (&'static str, Uuid);

    /// The story that the fact belongs to, such as the order that a payment pays.
    fn story(&self) -> Option<Uuid>;
}

/// A fact as it is stored and handed to consumers.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Names this fact; a consumer that has seen it does nothing the second time.
    pub id: EventId,
    /// [`EventPayload::TYPE`].
    pub kind: String,
    /// [`EventPayload::VERSION`].
    pub version: i32,
    /// What kind of thing the fact is about.
    pub aggregate_kind: String,
    /// Which one.
    pub aggregate_id: Uuid,
    /// The story it belongs to.
    pub story_id: Option<Uuid>,
    /// When it became true.
    pub occurred_at: Timestamp,
    /// The request that caused it.
    pub request_id: Option<RequestId>,
    /// The fact's own fields.
    pub payload: Value,
}

impl Event {
    /// A new fact, true from now on.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the payload has no JSON form.
    pub fn new<P: EventPayload>(ambient: &Ambient, origin: &Origin, payload: &P) -> Result<Self, StoreError> {
        let (aggregate_kind, aggregate_id) = payload.aggregate();
        Ok(Self {
            id: Id::generate(ambient),
            kind: P::TYPE.to_owned(),
            version: P::VERSION,
            aggregate_kind: aggregate_kind.to_owned(),
            aggregate_id,
            story_id: payload.story(),
            occurred_at: ambient.now(),
            request_id: origin.request_id.clone(),
            payload: serde_json::to_value(payload).map_err(StoreError::corrupt)?,
        })
    }

    /// The payload, if this is a fact of kind `P`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the stored JSON does not fit the kind.
    pub fn payload_as<P: EventPayload>(&self) -> Result<Option<P>, StoreError> {
        if self.kind != P::TYPE {
            return Ok(None);
        }
        serde_json::from_value(self.payload.clone()).map(Some).map_err(StoreError::corrupt)
    }
}

/// Somebody who acts on facts. Called at least once per fact, in no particular order, from a leased job; its
/// first act in its transaction is [`UnitOfWork::first_time`](crate::UnitOfWork::first_time).
#[async_trait]
pub trait Consumer: Send + Sync {
    /// A stable name, kept in the database to tell what was consumed.
    fn name(&self) -> &'static str;

    /// The kinds of fact it wants.
    fn subscriptions(&self) -> &'static [&'static str];

    /// Acts on one fact, in local transactions only.
    ///
    /// # Errors
    /// [`ConsumerError`]; the delivery is then tried again later.
    async fn consume(&self, event: &Event) -> Result<(), ConsumerError>;
}

/// Why a consumer could not act on a fact.
#[derive(Debug, thiserror::Error)]
pub enum ConsumerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The fact cannot be acted on as it is.
    #[error("{0}")]
    Refused(String),
}
