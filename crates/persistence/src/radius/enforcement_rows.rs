//! What is wanted of open sessions and what was tried.

use async_trait::async_trait;
use kernel::{StoreError, id::ids::RadiusSessionId};
use radius::{
    enforcement::{Attempt, Enforcement, Outcome},
    ports::{EnforcementReads, EnforcementRows},
};
use sea_orm::{
    ActiveValue::Unchanged,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{ExprTrait as _, OnConflict},
};

use super::{
    enforcement_attempts::{self as attempts, Column as Attempted},
    enforcements::{self, Column},
};
use crate::{Database, error::store_error, tx::Tx};

#[async_trait]
impl EnforcementRows for Tx {
    async fn lock_enforcement(
        &mut self,
        session: RadiusSessionId,
    ) -> Result<Option<Enforcement>, StoreError> {
        let row = enforcements::Entity::find_by_id(session.as_uuid())
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(Enforcement::try_from).transpose()
    }

    async fn save_enforcement(&mut self, enforcement: &Enforcement) -> Result<bool, StoreError> {
        let mut row = enforcements::ActiveModel::from(enforcement);
        if enforcement.revision == 1 && enforcement.settled.is_none() {
            let inserted = enforcements::Entity::insert(row)
                .on_conflict(OnConflict::column(Column::SessionId).do_nothing().to_owned())
                .exec_without_returning(self.connection())
                .await
                .map_err(store_error)?;
            return Ok(inserted == 1);
        }
        row.session_id = Unchanged(enforcement.session_id.as_uuid());
        let revision = i64::from(enforcement.revision);
        let updated = enforcements::Entity::update_many()
            .set(row)
            .filter(Column::SessionId.eq(enforcement.session_id.as_uuid()))
            .filter(Column::Revision.is_in([revision - 1, revision]))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected == 1)
    }

    async fn begin_attempt(&mut self, attempt: &Attempt) -> Result<bool, StoreError> {
        let inserted = attempts::Entity::insert(attempts::ActiveModel::from(attempt))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn end_attempt(&mut self, attempt: &Attempt) -> Result<(), StoreError> {
        let mut row = attempts::ActiveModel::from(attempt);
        row.id = Unchanged(attempt.id.as_uuid());
        attempts::Entity::update_many()
            .set(row)
            .filter(Attempted::Id.eq(attempt.id.as_uuid()))
            .filter(Attempted::EndedAt.is_null().or(Attempted::Outcome.eq(Outcome::Unknown.as_str())))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }
}

#[async_trait]
impl EnforcementReads for Database {
    async fn enforcement_of(&self, session: RadiusSessionId) -> Result<Option<Enforcement>, StoreError> {
        let row = enforcements::Entity::find_by_id(session.as_uuid())
            .one(self.reader())
            .await
            .map_err(store_error)?;
        row.map(Enforcement::try_from).transpose()
    }

    async fn attempts_with(&self, session: RadiusSessionId) -> Result<Vec<Attempt>, StoreError> {
        let rows = attempts::Entity::find()
            .filter(Attempted::SessionId.eq(session.as_uuid()))
            .order_by_asc(Attempted::Revision)
            .order_by_asc(Attempted::Number)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Attempt::try_from).collect()
    }
}
