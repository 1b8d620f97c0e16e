//! Agents, as rows.

use billing::agent::{Agent, AgentStatus};
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::words::{from_json, to_json};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agents")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) user_id: Uuid,
    pub(super) status: String,
    pub(super) terms: Json,
    pub(super) created_at: DateTimeUtc,
    pub(super) updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<&Agent> for ActiveModel {
    type Error = StoreError;

    fn try_from(agent: &Agent) -> Result<Self, StoreError> {
        Ok(Self {
            user_id: Set(agent.user_id.as_uuid()),
            status: Set(agent.status.as_str().to_owned()),
            terms: Set(to_json(&agent.terms)?),
            created_at: Set(agent.created_at),
            updated_at: Set(agent.updated_at),
        })
    }
}

impl TryFrom<Model> for Agent {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            user_id: Id::from_uuid(row.user_id),
            status: AgentStatus::parse(&row.status).ok_or_else(|| StoreError::corrupt(&row.status))?,
            terms: from_json(row.terms)?,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
