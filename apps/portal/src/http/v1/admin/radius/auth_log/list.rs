//! The log, read backwards.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::PageRequest;
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::{AuthLogLineView, AuthLogQuery, PeriodQuery};
use crate::{
    compose::Services,
    http::{
        envelope::{CursorAnswer, CursorEnvelope},
        error::{ApiError, FieldProblem},
        input::Query,
    },
};

/// Which stretch of the log is wanted.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct StretchQuery {
    /// Where to read on: `meta.pagination.next_cursor` of the last answer.
    #[validate(length(min = 1, max = 20))]
    cursor: Option<String>,
    /// How many lines are wanted.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    per_page: Option<u32>,
}

/// Lists how logins were answered, newest first.
#[utoipa::path(
    tag = "Administration",
    params(AuthLogQuery, PeriodQuery, StretchQuery),
    responses((status = 200, description = "Lines of the log.", body = CursorEnvelope<AuthLogLineView>))
)]
#[get("/api/v1/admin/radius/auth-log")]
pub async fn list_auth_log(
    services: Data<Arc<Services>>,
    query: Query<AuthLogQuery>,
    period: Query<PeriodQuery>,
    stretch: Query<StretchQuery>,
) -> Result<CursorAnswer<AuthLogLineView>, ApiError> {
    let filter = query.0.filter(&period.0)?;
    let before = stretch.0.cursor.map(|cursor| cursor.parse::<i64>()).transpose();
    let before = before.map_err(|_| ApiError::field("cursor", FieldProblem::Invalid))?;
    let per_page = stretch.0.per_page.unwrap_or(PageRequest::DEFAULT_PER_PAGE);
    let mut entries = services.radius.auth_log(&filter, before, per_page + 1).await?;
    let wanted = usize::try_from(per_page).unwrap_or(usize::MAX);
    let more = entries.len() > wanted;
    entries.truncate(wanted);
    let next = entries.last().filter(|_| more).map(|entry| entry.id.to_string());
    Ok(CursorAnswer::of(entries.into_iter().map(AuthLogLineView::from).collect(), next, per_page))
}
