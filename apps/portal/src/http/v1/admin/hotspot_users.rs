//! Everybody's hotspot users. Their passwords are shown to their owners alone.

use hotspot::queries;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::v1::hotspot_users::HotspotUserView;

pub mod list;
pub mod show;

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
