//! Everybody's hotspot users. Their passwords are shown to their owners alone.

use hotspot::{queries, use_cases::ChangeUserError};
use kernel::id::ids::HotspotUserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        envelope::Answer,
        error::{ApiError, ApiErrorCode},
        v1::hotspot_users::HotspotUserView,
    },
};

pub mod extend;
pub mod list;
pub mod move_router;
pub mod resume;
pub mod revoke;
pub mod show;
pub mod suspend;

/// Why something is done.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonRequest {
    /// For the audit log.
    #[serde(default)]
    #[validate(length(min = 3, max = 500))]
    #[schema(example = "Shares the password with others", min_length = 3, max_length = 500)]
    pub reason: Option<String>,
}

/// A hotspot user as staff see it.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminHotspotUser)]
pub struct AdminHotspotUserView {
    /// What its owner sees.
    #[serde(flatten)]
    hotspot_user: HotspotUserView,
    /// The account it belongs to; null when a guest bought it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e92")]
    user_id: Option<Uuid>,
    /// The phone that the credentials went to.
    #[schema(example = "+243812345678")]
    phone: Option<String>,
    /// The site where it works.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e93")]
    site_id: Uuid,
    /// The router that it is on.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    router_id: Uuid,
    /// Why it failed, while it is failed.
    #[schema(example = json!(null))]
    failure: Option<String>,
}

impl From<queries::HotspotUserView> for AdminHotspotUserView {
    fn from(user: queries::HotspotUserView) -> Self {
        Self {
            user_id: user.owner.map(|id| id.as_uuid()),
            phone: user.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            site_id: user.site_id.as_uuid(),
            router_id: user.router_id.as_uuid(),
            failure: user.failure.clone(),
            hotspot_user: user.into(),
        }
    }
}

/// A hotspot user that was changed; its router follows.
async fn following(services: &Services, id: HotspotUserId) -> Result<Answer<AdminHotspotUserView>, ApiError> {
    let user = services.hotspot.find_user(id).await?.ok_or(ApiErrorCode::NotFound)?;
    Ok(Answer::accepted(user.into(), &format!("/api/v1/admin/hotspot-users/{id}")))
}

impl From<ChangeUserError> for ApiError {
    fn from(error: ChangeUserError) -> Self {
        match error {
            ChangeUserError::NotFound => ApiErrorCode::NotFound.into(),
            ChangeUserError::WrongState(_) => ApiErrorCode::HotspotUserState.into(),
            ChangeUserError::Store(error) => error.into(),
        }
    }
}
