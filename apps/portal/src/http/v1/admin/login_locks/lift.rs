//! Letting somebody try again at once.

use std::sync::Arc;

use actix_web::{delete, web::Data};
use identity::{login_lock::LoginLock, use_cases::lift_login_lock::LiftLoginLockError};

use crate::{
    compose::Services,
    http::{
        envelope::NoContent,
        error::{ApiError, ApiErrorCode},
        input::PathId,
        policy::RequestContext,
    },
};

/// Lifts a lock, so that the next attempt is let through.
#[utoipa::path(
    tag = "Administration",
    params(("id" = uuid::Uuid, Path, description = "The lock", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (status = 204, description = "The lock is lifted."),
        (status = 404, description = "`not_found`: there is no such lock, or it was lifted before."),
    )
)]
#[delete("/api/v1/admin/login-locks/{id}")]
pub async fn lift_login_lock(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<LoginLock>,
) -> Result<NoContent, ApiError> {
    services.identity.lift_login_lock(id.0, &context.origin).await?;
    Ok(NoContent)
}

impl From<LiftLoginLockError> for ApiError {
    fn from(error: LiftLoginLockError) -> Self {
        match error {
            LiftLoginLockError::NotFound => ApiErrorCode::NotFound.into(),
            LiftLoginLockError::Store(error) => error.into(),
        }
    }
}
