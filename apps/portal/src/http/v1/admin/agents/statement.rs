//! The history of an agent's wallet, for staff.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use kernel::id::of;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::{PathId, Query},
        policy::RequestContext,
        server::Edge,
        v1::agent::{
            WalletStatementView,
            statement::{StatementFormatQuery, StatementQuery, file, statement},
        },
    },
};

/// The history of an agent's wallet, oldest first, at most 10,000 entries.
#[utoipa::path(
    tag = "Administration",
    operation_id = "show_agent_statement",
    params(("id" = Uuid, Path, description = "The agent's account."), StatementQuery),
    responses(
        (status = 200, description = "The history.", body = Envelope<WalletStatementView>),
        (status = 404, description = "There is no such agent."),
        (status = 422, description = "`export_too_large`: narrow the time."),
    )
)]
#[get("/api/v1/admin/agents/{id}/statement")]
pub async fn show_agent_statement(
    services: Data<Arc<Services>>,
    id: PathId<of::User>,
    query: Query<StatementQuery>,
) -> Result<Answer<WalletStatementView>, ApiError> {
    services.billing.agent(id.0).await?.ok_or(ApiErrorCode::NotFound)?;
    Ok(Answer::ok(statement(&services, id.0, query.0).await?.into()))
}

/// The history of an agent's wallet as CSV, XLSX or PDF.
#[utoipa::path(
    tag = "Administration",
    operation_id = "export_agent_statement",
    params(("id" = Uuid, Path, description = "The agent's account."), StatementQuery, StatementFormatQuery),
    responses(
        (
            status = 200,
            description = "The file; its media type is that of the format.",
            content(
                (String = "text/csv"),
                (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                (Vec<u8> = "application/pdf"),
            )
        ),
        (status = 404, description = "There is no such agent."),
        (status = 422, description = "`export_too_large`: narrow the time."),
    )
)]
#[get("/api/v1/admin/agents/{id}/statement/export")]
pub async fn export_agent_statement(
    services: Data<Arc<Services>>,
    edge: Data<Edge>,
    context: RequestContext,
    id: PathId<of::User>,
    query: Query<StatementQuery>,
    format: Query<StatementFormatQuery>,
) -> Result<HttpResponse, ApiError> {
    services.billing.agent(id.0).await?.ok_or(ApiErrorCode::NotFound)?;
    file(&services, &edge, context.locale, id.0, (query.0, format.0)).await
}
