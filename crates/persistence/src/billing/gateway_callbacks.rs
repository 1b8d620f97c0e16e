//! Callbacks, as rows.

use billing::callback::{CallbackStatus, StoredCallback};
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "gateway_callbacks")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) gateway: String,
    pub(super) dedupe_key: String,
    pub(super) body: Vec<u8>,
    pub(super) status: String,
    pub(super) reference: Option<String>,
    pub(super) provider_ref: Option<String>,
    pub(super) note: Option<String>,
    pub(super) alerted: bool,
    pub(super) received_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&StoredCallback> for ActiveModel {
    fn from(callback: &StoredCallback) -> Self {
        Self {
            id: Set(callback.id.as_uuid()),
            gateway: Set(callback.gateway.clone()),
            dedupe_key: Set(callback.dedupe_key.clone()),
            body: Set(callback.body.clone()),
            status: Set(callback.status.as_str().to_owned()),
            reference: Set(callback.reference.clone()),
            provider_ref: Set(callback.provider_ref.clone()),
            note: Set(callback.note.clone()),
            alerted: Set(false),
            received_at: Set(callback.received_at),
        }
    }
}

impl TryFrom<Model> for StoredCallback {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            gateway: row.gateway,
            dedupe_key: row.dedupe_key,
            body: row.body,
            status: CallbackStatus::parse(&row.status).ok_or_else(|| StoreError::corrupt(&row.status))?,
            reference: row.reference,
            provider_ref: row.provider_ref,
            note: row.note,
            received_at: row.received_at,
        })
    }
}
