//! The caller's sets of Wi-Fi credentials.

use chrono::{DateTime, Utc};
use hotspot::{hotspot_user, queries};
use kernel::Id;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::user_profiles::{AccessPolicyView, ValidityStartWord};

pub mod credentials;

pub mod list;
pub mod sessions;
pub mod show;
pub mod usage;

/// Which hotspot users are wanted. Everything that is given must fit.
#[derive(Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct HotspotUserQuery {
    /// Only those in this status.
    #[param(inline)]
    status: Option<HotspotUserStatusWord>,
    /// Only those of this order.
    #[param(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e91")]
    order_id: Option<Uuid>,
    /// Only those with this text in their username, in capitals or not.
    #[validate(length(min = 1, max = 64))]
    #[param(example = "HS", min_length = 1, max_length = 64)]
    username: Option<String>,
}

impl From<HotspotUserQuery> for queries::HotspotUserFilter {
    fn from(query: HotspotUserQuery) -> Self {
        Self {
            owner: None,
            status: query.status.map(Into::into),
            order_id: query.order_id.map(Id::from_uuid),
            router_id: None,
            username: query.username,
        }
    }
}

/// One set of Wi-Fi credentials, without its password.
#[derive(Serialize, ToSchema)]
#[schema(as = HotspotUser)]
pub struct HotspotUserView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    id: Uuid,
    /// The name to sign in with.
    #[schema(example = "HS260117120000101")]
    username: String,
    /// Where it stands.
    status: HotspotUserStatusWord,
    /// The order that it was bought with.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e91")]
    order_id: Uuid,
    /// That order's number.
    #[schema(example = "ORD-20260117-000042")]
    order_number: String,
    /// Its place in the order, from 1; 0 for what lets a guest be online while a payment waits.
    #[schema(example = 1, minimum = 0)]
    unit_number: u32,
    /// The name of what was bought.
    #[schema(example = "1DAY")]
    package_name: String,
    /// What it allows.
    policy: AccessPolicyView,
    /// How long it is good for, in minutes.
    #[schema(example = 1440)]
    validity_minutes: u32,
    /// When that time begins.
    validity_start: ValidityStartWord,
    /// The name of the router that it works on.
    #[schema(example = "main")]
    router: String,
    /// When it was prepared.
    #[schema(example = "2026-01-17T12:00:00Z")]
    created_at: DateTime<Utc>,
    /// When it was ready.
    #[schema(example = "2026-01-17T12:00:01Z")]
    activated_at: Option<DateTime<Utc>>,
    /// When somebody first signed in with it.
    #[schema(example = json!(null))]
    first_used_at: Option<DateTime<Utc>>,
    /// When it ends; null while its validity has not begun.
    #[schema(example = "2026-01-18T12:00:01Z")]
    expired_at: Option<DateTime<Utc>>,
}

impl From<queries::HotspotUserView> for HotspotUserView {
    fn from(user: queries::HotspotUserView) -> Self {
        Self {
            id: user.id.as_uuid(),
            username: user.username,
            status: user.status.into(),
            order_id: user.order_id.as_uuid(),
            order_number: user.order_number,
            unit_number: user.unit_number,
            package_name: user.package_name,
            policy: user.policy.into(),
            validity_minutes: user.validity_minutes,
            validity_start: user.validity_start.into(),
            router: user.router_name,
            created_at: user.created_at,
            activated_at: user.activated_at,
            first_used_at: user.first_used_at,
            expired_at: user.expires_at,
        }
    }
}

/// Where a hotspot user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = HotspotUserStatus, example = "active")]
#[serde(rename_all = "snake_case")]
pub enum HotspotUserStatusWord {
    /// On its way to its router.
    Pending,
    /// On its router; the credentials work.
    Active,
    /// Switched off by staff.
    Suspended,
    /// Its time is over.
    Expired,
    /// Taken back by staff.
    Revoked,
    /// The router refused it; it waits for a person.
    Failed,
}

impl From<hotspot_user::HotspotUserStatus> for HotspotUserStatusWord {
    fn from(status: hotspot_user::HotspotUserStatus) -> Self {
        use hotspot_user::HotspotUserStatus as Status;
        match status {
            Status::Pending => Self::Pending,
            Status::Active => Self::Active,
            Status::Suspended => Self::Suspended,
            Status::Expired => Self::Expired,
            Status::Revoked => Self::Revoked,
            Status::Failed => Self::Failed,
        }
    }
}

impl From<HotspotUserStatusWord> for hotspot_user::HotspotUserStatus {
    fn from(status: HotspotUserStatusWord) -> Self {
        use HotspotUserStatusWord as View;
        match status {
            View::Pending => Self::Pending,
            View::Active => Self::Active,
            View::Suspended => Self::Suspended,
            View::Expired => Self::Expired,
            View::Revoked => Self::Revoked,
            View::Failed => Self::Failed,
        }
    }
}
