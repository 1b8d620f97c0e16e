//! Ending this session.

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

/// Ends this session.
///
/// None of its tokens is accepted from now on.
#[utoipa::path(
    tag = "Authentication",
    responses((status = 204, description = "The session has ended."))
)]
#[post("/api/v1/auth/logout")]
pub async fn log_out(
    services: Data<Arc<Services>>,
    context: RequestContext,
    caller: Caller,
) -> Result<NoContent, ApiError> {
    services.identity.log_out(&caller.0, &context.origin).await?;
    Ok(NoContent)
}
