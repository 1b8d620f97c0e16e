//! One statement.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::id::of;

use super::StatementDetailsView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathId,
    },
};

/// A statement, with how many of its lines have each outcome, and what it lacks.
#[utoipa::path(
    tag = "Administration",
    operation_id = "show_statement",
    params(("statement" = Uuid, Path, description = "The statement.")),
    responses(
        (status = 200, description = "The statement.", body = Envelope<StatementDetailsView>),
        (status = 404, description = "There is no such statement."),
    )
)]
#[get("/api/v1/admin/statements/{statement}")]
pub async fn show_statement(
    services: Data<Arc<Services>>,
    statement: PathId<of::Statement>,
) -> Result<Answer<StatementDetailsView>, ApiError> {
    let found = services.billing.statement(statement.0).await?;
    Ok(Answer::ok(found.ok_or(ApiErrorCode::NotFound)?.into()))
}
