//! Who belongs to a promotion.

use std::sync::Arc;

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use kernel::id::of;
use radius::queries::promotions::Member;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::{ApiError, ApiErrorCode},
        input::{PathId, Query},
        pagination::PageQuery,
    },
};

/// A user of a promotion, with their Wi-Fi.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionUser)]
pub struct PromotionUserView {
    /// The account.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    user_id: Option<Uuid>,
    /// The name to sign in to the Wi-Fi with.
    #[schema(example = "et-2026-0042")]
    username: String,
    /// The person's name.
    #[schema(example = "Anna Mbuyi")]
    full_name: String,
    /// Whether the account is active.
    #[schema(example = true)]
    is_active: bool,
    /// Whether the Wi-Fi was ever enabled.
    #[schema(example = true)]
    is_radius_activated: bool,
    /// Whether it is enabled now.
    #[schema(example = true)]
    is_radius_enabled: bool,
    /// The access profile that holds: the user's own, else the promotion's.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e98")]
    access_profile_id: Option<Uuid>,
    /// Its name.
    #[schema(example = "Students")]
    access_profile_name: Option<String>,
    /// What the quotas have come to: `open`, `blocked` or `throttled`.
    #[schema(example = "open")]
    quota_state: &'static str,
    /// When the Wi-Fi was first enabled.
    #[schema(example = "2026-01-17T12:00:00Z")]
    activated_at: Option<DateTime<Utc>>,
    /// When the access ends.
    #[schema(example = "2026-07-16T12:00:00Z")]
    expires_at: Option<DateTime<Utc>>,
}

impl From<Member> for PromotionUserView {
    fn from(member: Member) -> Self {
        let Member { subscriber, profile } = member;
        let (profile_id, profile_name) = profile.unzip();
        Self {
            user_id: subscriber.contact.user_id.map(|id| id.as_uuid()),
            username: subscriber.username,
            full_name: subscriber.full_name,
            is_active: subscriber.account_active,
            is_radius_activated: subscriber.activated_at.is_some(),
            is_radius_enabled: subscriber.enabled,
            access_profile_id: profile_id.map(|id| id.as_uuid()),
            access_profile_name: profile_name,
            quota_state: subscriber.quota_state.as_str(),
            activated_at: subscriber.activated_at,
            expires_at: subscriber.expires_at,
        }
    }
}

/// Lists the users of a promotion by name, with the state of their Wi-Fi.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_promotion_users",
    params(("id" = uuid::Uuid, Path, description = "The promotion."), PageQuery),
    responses(
        (status = 200, description = "A page of users.", body = ListEnvelope<PromotionUserView>),
        (status = 404, description = "There is no such promotion."),
    )
)]
#[get("/api/v1/admin/promotions/{id}/users")]
pub async fn list_promotion_users(
    services: Data<Arc<Services>>,
    id: PathId<of::Promotion>,
    page: Query<PageQuery>,
) -> Result<ListAnswer<PromotionUserView>, ApiError> {
    services.radius.find_promotion(id.0).await?.ok_or(ApiErrorCode::NotFound)?;
    let found = services.radius.list_members(id.0, page.0.request()).await?;
    Ok(ListAnswer::of(found.map(PromotionUserView::from)))
}
