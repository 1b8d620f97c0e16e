//! Taking people out of what was told of them.

use kernel::{JobSpec as _, StoreError, forgetting::forget_person};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _},
};

use super::{Column, DeliverEvent, Entity};
use crate::{error::store_error, jobs, tx::Tx};

/// How many facts one question about their deliveries names.
const AT_ONCE: usize = 100;

impl Tx {
    pub(crate) async fn forget_in_told(&mut self, about: Uuid) -> Result<bool, StoreError> {
        let told_of = Condition::any().add(Column::AggregateId.eq(about)).add(Column::StoryId.eq(about));
        let rows = Entity::find()
            .filter(told_of)
            .lock_exclusive()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        let left: Vec<_> = rows
            .into_iter()
            .filter_map(|mut row| forget_person(&row.kind, &mut row.payload).then_some((row.id, row.payload)))
            .collect();
        for some in left.chunks(AT_ONCE) {
            if self.are_awaited(some.iter().map(|(id, _)| *id)).await? {
                return Ok(false);
            }
        }
        for (id, payload) in left {
            Entity::update_many()
                .col_expr(Column::Payload, Expr::value(payload))
                .filter(Column::Id.eq(id))
                .exec(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(true)
    }

    /// Whether a consumer is still to hear one of these facts. Deliveries name their fact in their fields alone; as text
    /// these are the same on both databases.
    async fn are_awaited(&self, facts: impl Iterator<Item = Uuid>) -> Result<bool, StoreError> {
        let fields = || Expr::col(jobs::Column::Payload).cast_as("text");
        let named = facts.fold(Condition::any(), |any, id| any.add(fields().like(format!("%{id}%"))));
        let waiting = jobs::Entity::find()
            .filter(jobs::Column::Kind.eq(DeliverEvent::KIND))
            .filter(jobs::Column::Status.eq(jobs::WAITING))
            .filter(named)
            .count(self.connection())
            .await
            .map_err(store_error)?;
        Ok(waiting > 0)
    }
}
