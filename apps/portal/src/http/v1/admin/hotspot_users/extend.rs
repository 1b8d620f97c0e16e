//! Giving a hotspot user more time.

use std::sync::Arc;

use actix_web::{post, web::Data};
use chrono::{DateTime, Utc};
use hotspot::use_cases::{ExtendUser, ExtendUserError, Extension};
use kernel::id::of;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{AdminHotspotUserView, following};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        input::{Json, PathId},
        policy::RequestContext,
    },
};

/// How much time, and why: `minutes` or `until`.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendHotspotUserRequest {
    /// So many minutes more, counted from its end, or from now when that is past. A repeat gives them again.
    #[serde(default)]
    #[validate(range(min = 1, max = 2_635_200))]
    #[schema(example = 60, minimum = 1, maximum = 2_635_200)]
    pub minutes: Option<u32>,
    /// The new end. A repeat changes nothing more.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub until: Option<DateTime<Utc>>,
    /// Why, for the audit log.
    #[serde(default)]
    #[validate(length(min = 3, max = 500))]
    #[schema(example = "The router was away for an hour", min_length = 3, max_length = 500)]
    pub reason: Option<String>,
}

/// Gives a hotspot user more time.
///
/// One whose validity waits for its beginning gets a longer validity. One that has expired comes back with the
/// credentials that it had.
#[utoipa::path(
    tag = "Administration",
    operation_id = "extend_hotspot_user",
    request_body = ExtendHotspotUserRequest,
    params(("id" = Uuid, Path, description = "The hotspot user.")),
    responses(
        (status = 202, description = "It has more time; one that had expired is back on its router within moments.", body = Envelope<AdminHotspotUserView>),
        (status = 404, description = "There is no such hotspot user."),
        (status = 409, description = "`hotspot_user_state`: it failed or was revoked. `validity_not_begun`: it has no end yet to be set by `until`. `router_disabled`: it had expired, and no router of its site takes users."),
        (status = 422, description = "A value is not accepted: one of the two must be given, and the end must be later than the present one."),
    )
)]
#[post("/api/v1/admin/hotspot-users/{id}/extend")]
pub async fn extend_hotspot_user(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::HotspotUser>,
    body: Json<ExtendHotspotUserRequest>,
) -> Result<Answer<AdminHotspotUserView>, ApiError> {
    let ExtendHotspotUserRequest { minutes, until, reason } = body.into_inner();
    let by = match (minutes, until) {
        (Some(minutes), None) => Extension::Minutes(minutes),
        (None, Some(until)) => Extension::Until(until),
        (None, None) => return Err(ApiError::field("minutes", FieldProblem::Missing)),
        (Some(_), Some(_)) => {
            let problem = "donnez l'un ou l'autre, pas les deux";
            let problem =
                FieldProblem::Said(problem.to_owned(), "give one or the other, not both".to_owned());
            return Err(ApiError::field("until", problem));
        }
    };
    let field = if until.is_some() { "until" } else { "minutes" };
    let command = ExtendUser { hotspot_user_id: id.0, by, reason };
    services.hotspot.extend_user(command, &context.origin).await.map_err(|error| refusal(error, field))?;
    following(&services, id.0).await
}

fn refusal(error: ExtendUserError, field: &'static str) -> ApiError {
    match error {
        ExtendUserError::NotFound => ApiErrorCode::NotFound.into(),
        ExtendUserError::WrongState(_) => ApiErrorCode::HotspotUserState.into(),
        ExtendUserError::NotBegun => ApiErrorCode::ValidityNotBegun.into(),
        ExtendUserError::NotLater => ApiError::field(
            field,
            FieldProblem::Said(
                "doit donner une fin plus tardive, dans les cinq ans".to_owned(),
                "must give a later end, within five years".to_owned(),
            ),
        ),
        ExtendUserError::NoRouter => ApiErrorCode::RouterDisabled.into(),
        ExtendUserError::Store(error) => error.into(),
    }
}
