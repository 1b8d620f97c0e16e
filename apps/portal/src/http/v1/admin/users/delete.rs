//! Deleting an account for good.

use std::sync::Arc;

use actix_web::{delete, web::Data};
use kernel::id::of;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::keeper;
use crate::{
    compose::Services,
    http::{
        envelope::NoContent,
        error::ApiError,
        input::{Json, PathId},
        policy::{Caller, RequestContext},
    },
};

/// That it is really meant.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteUserRequest {
    /// The username of the account.
    #[validate(length(min = 1, max = 254))]
    #[schema(example = "2024-ISC-0017", min_length = 1, max_length = 254)]
    confirm: String,
}

/// Deletes an account for good.
///
/// Its sessions end, its Wi-Fi ends, and its names are free again. Its orders and payments, and what the audit log says,
/// stay; whose they were is forgotten, for each order as soon as nothing about it is under way. What was bought works on.
#[utoipa::path(
    tag = "Administration",
    operation_id = "delete_user",
    request_body = DeleteUserRequest,
    params(("id" = uuid::Uuid, Path, description = "The account", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (status = 204, description = "The account is gone."),
        (status = 404, description = "`not_found`: there is no such account."),
        (status = 409, description = "`own_account`: nobody deletes themselves. `last_admin`: there would be no admin."),
        (status = 422, description = "`confirm` is not the account's username."),
    )
)]
#[delete("/api/v1/admin/users/{id}")]
pub async fn delete_user(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    id: PathId<of::User>,
    body: Json<DeleteUserRequest>,
) -> Result<NoContent, ApiError> {
    let confirm = body.into_inner().confirm;
    services.identity.delete_user(id.0, &confirm, &keeper(&caller), &context.origin).await?;
    Ok(NoContent)
}
