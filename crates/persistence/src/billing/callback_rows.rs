//! What gateways sent.

use async_trait::async_trait;
use billing::{
    callback::{CallbackStatus, StoredCallback},
    ports::CallbackRows,
};
use kernel::{Id, StoreError, Timestamp, id::ids::CallbackId};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::gateway_callbacks::{ActiveModel, Column, Entity};
use crate::{Tx, error::store_error};

/// What was made of a callback once stays so, however often it is looked at.
const UNDECIDED: [CallbackStatus; 2] = [CallbackStatus::Received, CallbackStatus::Unmatched];

#[async_trait]
impl CallbackRows for Tx {
    async fn insert_callback(&mut self, callback: &StoredCallback) -> Result<bool, StoreError> {
        let inserted = Entity::insert(ActiveModel::from(callback))
            .on_conflict(OnConflict::columns([Column::Gateway, Column::DedupeKey]).do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn update_callback(
        &mut self,
        id: CallbackId,
        status: CallbackStatus,
        note: Option<&str>,
        (reference, provider_ref): (Option<&str>, Option<&str>),
    ) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::Status, Expr::value(status.as_str()))
            .col_expr(Column::Note, Expr::value(note))
            .col_expr(Column::Reference, Expr::value(reference))
            .col_expr(Column::ProviderRef, Expr::value(provider_ref))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::Status.is_in(UNDECIDED.map(CallbackStatus::as_str)))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn unmatched_naming(
        &mut self,
        gateway: &str,
        reference: &str,
        provider_ref: Option<&str>,
    ) -> Result<Vec<CallbackId>, StoreError> {
        let mut names = Condition::any().add(Column::Reference.eq(reference));
        if let Some(provider_ref) = provider_ref {
            names = names.add(Column::ProviderRef.eq(provider_ref));
        }
        let rows = Entity::find()
            .filter(Column::Gateway.eq(gateway))
            .filter(Column::Status.eq(CallbackStatus::Unmatched.as_str()))
            .filter(names)
            .all(self.connection())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| Id::from_uuid(row.id)).collect())
    }

    async fn alert_unmatched(
        &mut self,
        before: Timestamp,
        limit: u64,
    ) -> Result<Vec<CallbackId>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Status.eq(CallbackStatus::Unmatched.as_str()))
            .filter(Column::Alerted.eq(false))
            .filter(Column::ReceivedAt.lt(before))
            .order_by_asc(Column::ReceivedAt)
            .limit(limit)
            .lock_exclusive()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        Entity::update_many()
            .col_expr(Column::Alerted, Expr::value(true))
            .filter(Column::Id.is_in(ids.clone()))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(Id::from_uuid).collect())
    }
}
