//! Making a NAS client known.

use std::sync::Arc;

use actix_web::{post, web::Data};

use super::{NasClientRequest, NasClientView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::Json,
        policy::RequestContext,
    },
};

/// Makes a NAS client known. The portal's own RADIUS server answers it from then on; FreeRADIUS finds it in its table
/// `nas`, with the secret in the clear there.
#[utoipa::path(
    tag = "Administration",
    operation_id = "create_nas_client",
    request_body = NasClientRequest,
    responses(
        (status = 201, description = "The NAS client.", body = Envelope<NasClientView>),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[post("/api/v1/admin/radius/nas-clients")]
pub async fn create_nas_client(
    services: Data<Arc<Services>>,
    context: RequestContext,
    body: Json<NasClientRequest>,
) -> Result<Answer<NasClientView>, ApiError> {
    let description = body.into_inner().read(&services).await?;
    let id = services.radius.add_nas_client(description, &context.origin).await?;
    let view = shown(&services, id.as_uuid()).await?;
    Ok(Answer::created(view, &format!("/api/v1/admin/radius/nas-clients/{id}")))
}
