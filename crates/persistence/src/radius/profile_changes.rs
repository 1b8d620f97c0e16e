//! An entry of the history of profiles, as a row. What a profile said is JSON.

use kernel::{Id, StoreError};
use radius::{
    access_profile::Terms,
    profile_change::{ChangeKind, ProfileChange},
};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "profile_changes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) old_profile_id: Option<Uuid>,
    pub(super) new_profile_id: Option<Uuid>,
    pub(super) before: Json,
    pub(super) after: Json,
    pub(super) actor: String,
    pub(super) reason: Option<String>,
    pub(super) at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn json(terms: Option<&Terms>) -> Result<Json, StoreError> {
    serde_json::to_value(terms).map_err(StoreError::corrupt)
}

impl TryFrom<&ProfileChange> for ActiveModel {
    type Error = StoreError;

    fn try_from(change: &ProfileChange) -> Result<Self, StoreError> {
        Ok(Self {
            id: Set(change.id.as_uuid()),
            kind: Set(change.kind.as_str().to_owned()),
            subject: Set(change.subject.clone()),
            old_profile_id: Set(change.old_profile_id.map(|id| id.as_uuid())),
            new_profile_id: Set(change.new_profile_id.map(|id| id.as_uuid())),
            before: Set(json(change.before.as_ref())?),
            after: Set(json(change.after.as_ref())?),
            actor: Set(change.actor.clone()),
            reason: Set(change.reason.clone()),
            at: Set(change.at),
        })
    }
}

impl TryFrom<Model> for ProfileChange {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            kind: ChangeKind::parse(&row.kind).ok_or_else(|| StoreError::corrupt(&row.kind))?,
            subject: row.subject,
            old_profile_id: row.old_profile_id.map(Id::from_uuid),
            new_profile_id: row.new_profile_id.map(Id::from_uuid),
            before: serde_json::from_value(row.before).map_err(StoreError::corrupt)?,
            after: serde_json::from_value(row.after).map_err(StoreError::corrupt)?,
            actor: row.actor,
            reason: row.reason,
            at: row.at,
        })
    }
}
