//! Adding a site.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::use_cases::manage_sites::AddSiteError;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::SiteView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, FieldProblem},
        input::Json,
        policy::RequestContext,
    },
};

/// A place with routers.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteRequest {
    /// A short code of lower-case letters, digits and hyphens; no other site has it.
    #[validate(length(min = 1, max = 30))]
    #[schema(example = "library", pattern = "^[a-z0-9-]+$", min_length = 1, max_length = 30)]
    pub code: String,
    /// Its name for people.
    #[validate(length(min = 1, max = 60))]
    #[schema(example = "Library", min_length = 1, max_length = 60)]
    pub name: String,
}

/// Adds a site, so that routers can be put there.
#[utoipa::path(
    tag = "Administration",
    operation_id = "create_site",
    request_body = SiteRequest,
    responses(
        (status = 201, description = "The site.", body = Envelope<SiteView>),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[post("/api/v1/admin/sites")]
pub async fn create_site(
    services: Data<Arc<Services>>,
    context: RequestContext,
    body: Json<SiteRequest>,
) -> Result<Answer<SiteView>, ApiError> {
    let SiteRequest { code, name } = body.into_inner();
    if !code.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')) || name.trim().is_empty() {
        let field = if name.trim().is_empty() { "name" } else { "code" };
        return Err(ApiError::field(field, FieldProblem::Invalid));
    }
    let id = services.billing.add_site(&context.origin, code.clone(), name.clone()).await?;
    let view = SiteView { id: id.as_uuid(), code, name };
    Ok(Answer::created(view, "/api/v1/admin/sites"))
}

impl From<AddSiteError> for ApiError {
    fn from(error: AddSiteError) -> Self {
        match error {
            AddSiteError::CodeTaken => Self::field(
                "code",
                FieldProblem::Said("est déjà pris".to_owned(), "is taken already".to_owned()),
            ),
            AddSiteError::Store(error) => error.into(),
        }
    }
}
