//! Ending every session.

use std::sync::Arc;

use actix_web::{post, web::Data};

use crate::{
    compose::Services,
    http::{
        envelope::NoContent,
        error::ApiError,
        policy::{Caller, RequestContext},
    },
};

/// Ends every session of the caller, this one too.
#[utoipa::path(
    tag = "Authentication",
    responses((status = 204, description = "All sessions have ended."))
)]
#[post("/api/v1/auth/logout-all")]
pub async fn log_out_everywhere(
    services: Data<Arc<Services>>,
    context: RequestContext,
    caller: Caller,
) -> Result<NoContent, ApiError> {
    services.identity.log_out_everywhere(&caller.0, &context.origin).await?;
    Ok(NoContent)
}
