//! Putting a task away.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::use_cases::close_task::CloseTaskError;
use kernel::id::of;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::{Json, PathId},
        policy::RequestContext,
    },
};

/// What was done about it.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseReviewTaskRequest {
    /// For the audit log.
    #[validate(length(min = 3, max = 500))]
    #[schema(example = "The customer was given the money back by hand", min_length = 3, max_length = 500)]
    pub note: String,
}

/// A task that was put away.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosedReviewTask {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e97")]
    pub id: Uuid,
}

/// Puts an open task away. Deciding on a held payment does so by itself.
#[utoipa::path(
    tag = "Administration",
    operation_id = "close_review_task",
    request_body = CloseReviewTaskRequest,
    params(("task" = Uuid, Path, description = "The task.")),
    responses(
        (status = 200, description = "It is closed.", body = Envelope<ClosedReviewTask>),
        (status = 404, description = "There is no such open task."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[post("/api/v1/admin/review-tasks/{task}/close")]
pub async fn close_review_task(
    services: Data<Arc<Services>>,
    context: RequestContext,
    task: PathId<of::Task>,
    body: Json<CloseReviewTaskRequest>,
) -> Result<Answer<ClosedReviewTask>, ApiError> {
    services.billing.close_task(&context.origin, task.0, &body.into_inner().note).await?;
    Ok(Answer::ok(ClosedReviewTask { id: task.0.as_uuid() }))
}

impl From<CloseTaskError> for ApiError {
    fn from(error: CloseTaskError) -> Self {
        match error {
            CloseTaskError::NotFound => ApiErrorCode::NotFound.into(),
            CloseTaskError::Store(error) => error.into(),
        }
    }
}
