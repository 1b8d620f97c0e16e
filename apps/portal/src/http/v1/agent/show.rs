//! The caller as an agent.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::AgentView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        policy::Caller,
    },
};

/// The caller's terms as an agent, what is in their wallet, and what they have sold.
#[utoipa::path(
    tag = "Agents",
    operation_id = "show_agent_self",
    responses(
        (status = 200, description = "The agent.", body = Envelope<AgentView>),
        (status = 404, description = "The caller is no agent yet."),
    )
)]
#[get("/api/v1/agent")]
pub async fn show_agent_self(
    services: Data<Arc<Services>>,
    caller: Caller,
) -> Result<Answer<AgentView>, ApiError> {
    let agent = services.billing.agent(caller.0.user_id).await?.ok_or(ApiErrorCode::NotFound)?;
    Ok(Answer::ok(agent.into()))
}
