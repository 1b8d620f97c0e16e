//! The statements there are.

use std::sync::Arc;

use actix_web::{get, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::StatementView;
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
    },
};

/// Which statements.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct StatementQuery {
    /// Only those of this gateway.
    #[param(example = "serdipay")]
    pub gateway: Option<String>,
}

/// Imported statements, latest first.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_statements",
    params(PageQuery, StatementQuery),
    responses((status = 200, description = "One page of statements.", body = ListEnvelope<StatementView>))
)]
#[get("/api/v1/admin/statements")]
pub async fn list_statements(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    query: Query<StatementQuery>,
) -> Result<ListAnswer<StatementView>, ApiError> {
    let statements = services.billing.statements(query.0.gateway.as_deref(), page.0.request()).await?;
    Ok(ListAnswer::of(statements.map(StatementView::from)))
}
