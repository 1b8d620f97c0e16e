//! Everybody who sells.

use kernel::id::ids::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    compose::Services,
    http::{error::ApiError, v1::agent::AgentView},
};

pub mod list;
pub mod set;
pub mod show;
pub mod statement;
pub mod transfer;

/// An agent, as staff see them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdminAgent)]
pub struct AdminAgentView {
    /// The agent.
    #[serde(flatten)]
    agent: AgentView,
    /// Their name; null when their account was deleted.
    #[schema(example = "Marie Ilunga")]
    name: Option<String>,
}

async fn shown(
    services: &Services,
    agent: billing::queries::agents::AgentView,
) -> Result<AdminAgentView, ApiError> {
    let id: UserId = agent.agent.user_id;
    let user = services.identity.user(id).await?;
    let name = user.map(|user| format!("{} {}", user.first_name, user.last_name));
    Ok(AdminAgentView { agent: agent.into(), name })
}
