//! What is open.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::ReviewTaskView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
    },
};

/// The oldest hundred are enough work for a day.
const SHOWN: u64 = 100;

/// What a person has to look at, oldest first, at most a hundred.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_review_tasks",
    responses((status = 200, description = "The open tasks.", body = Envelope<Vec<ReviewTaskView>>))
)]
#[get("/api/v1/admin/review-tasks")]
pub async fn list_review_tasks(
    services: Data<Arc<Services>>,
) -> Result<Answer<Vec<ReviewTaskView>>, ApiError> {
    let tasks = services.billing.open_tasks(SHOWN).await?;
    Ok(Answer::ok(tasks.into_iter().map(ReviewTaskView::from).collect()))
}
