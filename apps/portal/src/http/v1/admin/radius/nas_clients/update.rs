//! Changing a NAS client.

use std::sync::Arc;

use actix_web::{put, web::Data};
use kernel::id::of;

use super::{NasClientRequest, NasClientView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::{Json, PathId},
        policy::RequestContext,
    },
};

/// Changes a NAS client: the whole of it, but for the secret, which it keeps when none is given.
#[utoipa::path(
    tag = "Administration",
    operation_id = "update_nas_client",
    request_body = NasClientRequest,
    params(("id" = Uuid, Path, description = "The NAS client.")),
    responses(
        (status = 200, description = "The NAS client, changed.", body = Envelope<NasClientView>),
        (status = 404, description = "There is no such NAS client."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[put("/api/v1/admin/radius/nas-clients/{id}")]
pub async fn update_nas_client(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::NasClient>,
    body: Json<NasClientRequest>,
) -> Result<Answer<NasClientView>, ApiError> {
    let description = body.into_inner().read(&services).await?;
    services.radius.change_nas_client(id.0, description, &context.origin).await?;
    Ok(Answer::ok(shown(&services, id.0.as_uuid()).await?))
}
