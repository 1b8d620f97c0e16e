//! The Wi-Fi of one account, whatever its promotion does.

use std::sync::Arc;

use actix_web::{post, web::Data};
use kernel::id::of;
use radius::use_cases::SwitchWifiError;

use super::{AdminUserView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        input::PathId,
        policy::RequestContext,
        v1::promotions::activate::reason_of,
    },
};

/// Switches the Wi-Fi of an account on, whatever its promotion does. One that is on stays so; one whose time was over
/// begins anew.
#[utoipa::path(
    tag = "Administration",
    operation_id = "enable_wifi",
    params(("id" = uuid::Uuid, Path, description = "The account.")),
    responses(
        (status = 200, description = "The account; its Wi-Fi is on.", body = Envelope<AdminUserView>),
        (status = 404, description = "There is no such account."),
        (status = 409, description = "`wifi_cannot_be_enabled`: `errors` says why, such as an access profile that is missing."),
    )
)]
#[post("/api/v1/admin/users/{id}/wifi/enable")]
pub async fn enable_wifi(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::User>,
) -> Result<Answer<AdminUserView>, ApiError> {
    services.radius.enable_wifi(id.0, &context.origin).await?;
    Ok(Answer::ok(shown(&services, id.0).await?))
}

/// Switches the Wi-Fi of an account off. Its sessions end; its time runs on.
#[utoipa::path(
    tag = "Administration",
    operation_id = "disable_wifi",
    params(("id" = uuid::Uuid, Path, description = "The account.")),
    responses(
        (status = 200, description = "The account; its Wi-Fi is off.", body = Envelope<AdminUserView>),
        (status = 404, description = "There is no such account."),
    )
)]
#[post("/api/v1/admin/users/{id}/wifi/disable")]
pub async fn disable_wifi(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::User>,
) -> Result<Answer<AdminUserView>, ApiError> {
    services.radius.disable_wifi(id.0, &context.origin).await?;
    Ok(Answer::ok(shown(&services, id.0).await?))
}

impl From<SwitchWifiError> for ApiError {
    fn from(error: SwitchWifiError) -> Self {
        match error {
            SwitchWifiError::NotFound => ApiErrorCode::NotFound.into(),
            SwitchWifiError::NoProfile => {
                let fr = "n'est pas un profil d'accès actif".to_owned();
                let en = "is not an active access profile".to_owned();
                Self::field("access_profile_id", FieldProblem::Said(fr, en))
            }
            SwitchWifiError::CannotEnable(reason) => {
                let (fr, en) = reason_of(reason);
                Self::new(ApiErrorCode::WifiCannotBeEnabled)
                    .and_field("id", FieldProblem::Said(fr.to_owned(), en.to_owned()))
            }
            SwitchWifiError::Store(error) => error.into(),
        }
    }
}
