//! Agents.

use std::sync::Arc;

use actix_web::{get, web::Data};
use billing::agent::AgentStatus;
use kernel::Page;
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::{AdminAgentView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
        v1::agent::AgentStatusWord,
    },
};

/// Which agents to list.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct AgentQuery {
    /// Only with this status.
    #[param(inline)]
    pub status: Option<AgentStatusWord>,
}

/// Agents, the latest first, with what is in their wallets and what they have sold.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_agents",
    params(PageQuery, AgentQuery),
    responses((status = 200, description = "One page of agents.", body = ListEnvelope<AdminAgentView>))
)]
#[get("/api/v1/admin/agents")]
pub async fn list_agents(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    query: Query<AgentQuery>,
) -> Result<ListAnswer<AdminAgentView>, ApiError> {
    let Page { items, request, total } =
        services.billing.agents(query.0.status.map(AgentStatus::from), page.0.request()).await?;
    let mut views = Vec::with_capacity(items.len());
    for agent in items {
        views.push(shown(&services, agent).await?);
    }
    Ok(ListAnswer::of(Page { items: views, request, total }))
}
