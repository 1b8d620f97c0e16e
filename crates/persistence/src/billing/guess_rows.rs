//! Guesses.

use async_trait::async_trait;
use billing::{
    guess::{GuessCount, GuessSource, Guessed},
    ports::GuessRows,
};
use kernel::{StoreError, Timestamp};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{
    guesses::{ActiveModel, Column, Entity},
    reads::sum_of,
};
use crate::{Database, Tx, error::store_error};

#[async_trait]
impl GuessRows for Tx {
    async fn count_guess(
        &mut self,
        guessed: Guessed,
        source: &GuessSource,
        hour: Timestamp,
    ) -> Result<u64, StoreError> {
        let row = ActiveModel {
            guessed: Set(guessed.as_str().to_owned()),
            source: Set(source.to_string()),
            hour: Set(hour),
            guesses: Set(1),
        };
        let counted = OnConflict::columns([Column::Guessed, Column::Source, Column::Hour])
            .value(Column::Guesses, Expr::col((Entity, Column::Guesses)).add(1))
            .to_owned();
        let row = Entity::insert(row).on_conflict(counted).exec_with_returning(self.connection()).await;
        u64::try_from(row.map_err(store_error)?.guesses).map_err(StoreError::corrupt)
    }

    async fn guesses_of(
        &mut self,
        guessed: Guessed,
        source: &GuessSource,
        hour: Timestamp,
    ) -> Result<u64, StoreError> {
        let key = (guessed.as_str().to_owned(), source.to_string(), hour);
        let row = Entity::find_by_id(key).one(self.connection()).await.map_err(store_error)?;
        u64::try_from(row.map_or(0, |row| row.guesses)).map_err(StoreError::corrupt)
    }

    async fn forget_guesses(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let old = Entity::delete_many().filter(Column::Hour.lt(before)).exec(self.connection()).await;
        Ok(old.map_err(store_error)?.rows_affected)
    }
}

impl Database {
    /// How many guesses there were since an hour, by what was guessed.
    pub(super) async fn guesses_since(&self, since: Timestamp) -> Result<Vec<GuessCount>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            guessed: String,
            total: i64,
            sources: i64,
        }
        let rows = Entity::find()
            .select_only()
            .column(Column::Guessed)
            .column_as(sum_of(Column::Guesses), "total")
            .column_as(Expr::col(Column::Source).count_distinct(), "sources")
            .filter(Column::Hour.gte(since))
            .group_by(Column::Guessed)
            .into_model::<Row>()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let count = |row: Row| {
            Ok(GuessCount {
                guessed: Guessed::parse(&row.guessed).ok_or_else(|| StoreError::corrupt(&row.guessed))?,
                guesses: u64::try_from(row.total).map_err(StoreError::corrupt)?,
                sources: u64::try_from(row.sources).map_err(StoreError::corrupt)?,
            })
        };
        rows.into_iter().map(count).collect()
    }
}
