//! One agent.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use super::{AdminAgentView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
    },
};

/// One agent, with what is in their wallet and what they have sold.
#[utoipa::path(
    tag = "Administration",
    operation_id = "show_agent",
    params(("id" = Uuid, Path, description = "The agent's account.")),
    responses(
        (status = 200, description = "The agent.", body = Envelope<AdminAgentView>),
        (status = 404, description = "There is no such agent."),
    )
)]
#[get("/api/v1/admin/agents/{id}")]
pub async fn show_agent(
    services: Data<Arc<Services>>,
    id: PathId<of::User>,
) -> Result<Answer<AdminAgentView>, ApiError> {
    let agent = services.billing.agent(id.0).await?.ok_or(ApiErrorCode::NotFound)?;
    Ok(Answer::ok(shown(&services, agent).await?))
}
