//! Promotions, for those who look after them.

use chrono::{DateTime, Utc};
use kernel::Id;
use radius::{
    queries::promotions::PromotionView,
    use_cases::{ManagePromotionError, PromotionTerms},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    compose::Services,
    http::error::{ApiError, ApiErrorCode, FieldProblem},
};

pub mod create;
pub mod delete;
pub mod list;
pub mod show;
pub mod update;
pub mod users;

/// What an operator decides about a promotion.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromotionRequest {
    /// A unique name.
    #[validate(length(min = 1, max = 60))]
    #[schema(example = "L1 Informatique", min_length = 1, max_length = 60)]
    pub name: String,
    /// What its users get; nothing yet when it is not given.
    #[serde(default)]
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e98")]
    pub access_profile_id: Option<Uuid>,
    /// Whether people can choose it when they register; `true` when it is not said.
    #[serde(default = "yes")]
    #[schema(example = true)]
    pub is_active: bool,
}

const fn yes() -> bool {
    true
}

impl From<PromotionRequest> for PromotionTerms {
    fn from(request: PromotionRequest) -> Self {
        Self {
            name: request.name,
            access_profile_id: request.access_profile_id.map(Id::from_uuid),
            active: request.is_active,
        }
    }
}

/// A promotion.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdminPromotion)]
pub struct AdminPromotionView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e97")]
    id: Uuid,
    /// Its name.
    #[schema(example = "L1 Informatique")]
    name: String,
    /// What its users get.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e98")]
    access_profile_id: Option<Uuid>,
    /// The name of that profile.
    #[schema(example = "Students")]
    access_profile_name: Option<String>,
    /// Whether people can choose it.
    #[schema(example = true)]
    is_active: bool,
    /// How many users belong to it.
    #[schema(example = 412)]
    users: u64,
    /// How many of them may sign in to the Wi-Fi now.
    #[schema(example = 398)]
    users_enabled: u64,
    /// When it was made.
    #[schema(example = "2026-01-17T12:00:00Z")]
    created_at: DateTime<Utc>,
}

impl From<PromotionView> for AdminPromotionView {
    fn from(view: PromotionView) -> Self {
        let PromotionView { promotion, profile_name, users, enabled } = view;
        Self {
            id: promotion.id.as_uuid(),
            name: promotion.name,
            access_profile_id: promotion.access_profile_id.map(|id| id.as_uuid()),
            access_profile_name: profile_name,
            is_active: promotion.active,
            users,
            users_enabled: enabled,
            created_at: promotion.created_at,
        }
    }
}

impl From<ManagePromotionError> for ApiError {
    fn from(error: ManagePromotionError) -> Self {
        let said = |fr: &str, en: &str| FieldProblem::Said(fr.to_owned(), en.to_owned());
        match error {
            ManagePromotionError::NotFound => ApiErrorCode::NotFound.into(),
            ManagePromotionError::BadName => Self::field("name", FieldProblem::Length(Some(1), Some(60))),
            ManagePromotionError::NameTaken => Self::field("name", said("est déjà pris", "is taken already")),
            ManagePromotionError::NoProfile => Self::field(
                "access_profile_id",
                said("n'est pas un profil d'accès actif", "is not an active access profile"),
            ),
            ManagePromotionError::NotEmpty(users) => Self::new(ApiErrorCode::PromotionNotEmpty).and_field(
                "id",
                FieldProblem::Said(
                    format!("a encore {users} utilisateurs"),
                    format!("still has {users} users"),
                ),
            ),
            ManagePromotionError::Store(error) => error.into(),
        }
    }
}

/// A promotion as it is now.
async fn shown(services: &Services, id: Uuid) -> Result<AdminPromotionView, ApiError> {
    let found = services.radius.find_promotion(Id::from_uuid(id)).await?;
    Ok(found.ok_or(ApiErrorCode::NotFound)?.into())
}
