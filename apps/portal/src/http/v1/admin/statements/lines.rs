//! The lines of a statement.

use std::sync::Arc;

use actix_web::{get, web::Data};
use billing::queries::statements::LineFilter;
use kernel::id::of;
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::{LineOutcomeWord, StatementLineView};
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::{ApiError, ApiErrorCode},
        input::{PathId, Query},
        pagination::PageQuery,
    },
};

/// Which lines.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct LineQuery {
    /// Only those with this outcome.
    #[param(example = "orphan")]
    pub outcome: Option<LineOutcomeWord>,
}

/// The new lines of a statement, in the order of the file.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_statement_lines",
    params(("statement" = Uuid, Path, description = "The statement."), PageQuery, LineQuery),
    responses(
        (status = 200, description = "One page of lines.", body = ListEnvelope<StatementLineView>),
        (status = 404, description = "There is no such statement."),
    )
)]
#[get("/api/v1/admin/statements/{statement}/lines")]
pub async fn list_statement_lines(
    services: Data<Arc<Services>>,
    statement: PathId<of::Statement>,
    page: Query<PageQuery>,
    query: Query<LineQuery>,
) -> Result<ListAnswer<StatementLineView>, ApiError> {
    let filter = LineFilter { outcome: query.0.outcome.map(Into::into) };
    let lines = services.billing.statement_lines(statement.0, filter, page.0.request()).await?;
    Ok(ListAnswer::of(lines.ok_or(ApiErrorCode::NotFound)?.map(StatementLineView::from)))
}
