//! What a person has to look at, as rows.

use billing::task::{Task, TaskKind};
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_tasks")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) payment_id: Uuid,
    pub(super) order_id: Uuid,
    pub(super) message: String,
    pub(super) opened_at: DateTimeUtc,
    pub(super) closed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Task> for ActiveModel {
    fn from(task: &Task) -> Self {
        Self {
            id: Set(task.id.as_uuid()),
            kind: Set(task.kind.as_str().to_owned()),
            payment_id: Set(task.payment_id.as_uuid()),
            order_id: Set(task.order_id.as_uuid()),
            message: Set(task.message.clone()),
            opened_at: Set(task.opened_at),
            closed_at: Set(task.closed_at),
        }
    }
}

impl TryFrom<Model> for Task {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            kind: TaskKind::parse(&row.kind).ok_or_else(|| StoreError::corrupt(&row.kind))?,
            payment_id: Id::from_uuid(row.payment_id),
            order_id: Id::from_uuid(row.order_id),
            message: row.message,
            opened_at: row.opened_at,
            closed_at: row.closed_at,
        })
    }
}
