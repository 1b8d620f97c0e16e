//! A try to have an open session ended or changed, as a row.

use kernel::{Id, StoreError};
use radius::enforcement::{Attempt, Outcome, Rung};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enforcement_attempts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) session_id: Uuid,
    pub(super) revision: i32,
    pub(super) number: i32,
    pub(super) rung: String,
    pub(super) begun_at: DateTimeUtc,
    pub(super) ended_at: Option<DateTimeUtc>,
    pub(super) outcome: Option<String>,
    pub(super) error_cause: Option<i64>,
    pub(super) reason: Option<String>,
    pub(super) identifier: Option<i64>,
    pub(super) transmissions: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Attempt> for ActiveModel {
    fn from(attempt: &Attempt) -> Self {
        let (ended_at, outcome) = attempt.ended.clone().unzip();
        let whole = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        Self {
            id: Set(attempt.id.as_uuid()),
            session_id: Set(attempt.session_id.as_uuid()),
            revision: Set(whole(attempt.revision)),
            number: Set(whole(attempt.number)),
            rung: Set(attempt.rung.as_str().to_owned()),
            begun_at: Set(attempt.begun_at),
            ended_at: Set(ended_at),
            error_cause: Set(outcome.as_ref().and_then(Outcome::error_cause).map(Into::into)),
            reason: Set(outcome.as_ref().and_then(Outcome::reason).map(ToOwned::to_owned)),
            outcome: Set(outcome.map(|outcome| outcome.as_str().to_owned())),
            identifier: Set(attempt.identifier.map(Into::into)),
            transmissions: Set(attempt.transmissions.into()),
        }
    }
}

impl TryFrom<Model> for Attempt {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let cause = row.error_cause.map(u32::try_from).transpose().map_err(StoreError::corrupt)?;
        let outcome = row
            .outcome
            .map(|word| Outcome::parse(&word, cause, row.reason).ok_or_else(|| StoreError::corrupt(word)));
        Ok(Self {
            id: Id::from_uuid(row.id),
            session_id: Id::from_uuid(row.session_id),
            revision: u32::try_from(row.revision).map_err(StoreError::corrupt)?,
            number: u32::try_from(row.number).map_err(StoreError::corrupt)?,
            rung: Rung::parse(&row.rung).ok_or_else(|| StoreError::corrupt(&row.rung))?,
            begun_at: row.begun_at,
            ended: row.ended_at.zip(outcome.transpose()?),
            identifier: row.identifier.map(u8::try_from).transpose().map_err(StoreError::corrupt)?,
            transmissions: u8::try_from(row.transmissions).map_err(StoreError::corrupt)?,
        })
    }
}
