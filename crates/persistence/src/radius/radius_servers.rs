//! A RADIUS server of the portal's own, as a row.

use std::collections::BTreeMap;

use async_trait::async_trait;
use kernel::{StoreError, Timestamp};
use radius::ports::{ServerRows, ServerState};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, entity::prelude::*,
    sea_query::OnConflict,
};

use crate::{Database, error::store_error};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "radius_servers")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) auth_address: String,
    pub(super) acct_address: String,
    pub(super) started_at: DateTimeUtc,
    pub(super) seen_at: DateTimeUtc,
    pub(super) counts: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for ServerState {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let counts: BTreeMap<String, u64> =
            serde_json::from_value(row.counts).map_err(StoreError::corrupt)?;
        Ok(Self {
            id: row.id,
            auth_address: row.auth_address,
            acct_address: row.acct_address,
            started_at: row.started_at,
            seen_at: row.seen_at,
            counts,
        })
    }
}

#[async_trait]
impl ServerRows for Database {
    async fn note_server(&self, state: &ServerState) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(state.id),
            auth_address: Set(state.auth_address.clone()),
            acct_address: Set(state.acct_address.clone()),
            started_at: Set(state.started_at),
            seen_at: Set(state.seen_at),
            counts: Set(serde_json::to_value(&state.counts).map_err(StoreError::corrupt)?),
        };
        let anew = OnConflict::column(Column::Id).update_columns([Column::SeenAt, Column::Counts]).to_owned();
        let insert = Entity::insert(row).on_conflict(anew).exec_without_returning(self.writer());
        insert.await.map(drop).map_err(store_error)
    }

    async fn servers_seen_since(&self, since: Timestamp) -> Result<Vec<ServerState>, StoreError> {
        let seen = Entity::find().filter(Column::SeenAt.gte(since)).order_by_desc(Column::SeenAt);
        let rows = seen.all(self.reader()).await.map_err(store_error)?;
        rows.into_iter().map(ServerState::try_from).collect()
    }
}
