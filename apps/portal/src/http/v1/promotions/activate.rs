//! A promotion is given access, or loses it.

use std::sync::Arc;

use actix_web::{post, web::Data};
use kernel::{
    Id,
    id::{ids::UserId, of},
};
use radius::use_cases::{ActivatePromotionError, CannotEnable, Failure};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        input::{Json, PathId},
        policy::RequestContext,
    },
};

/// Of whom.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MembersRequest {
    /// These accounts alone; everybody when it is not given. A request carries so many and no more.
    #[serde(default)]
    #[validate(length(min = 1, max = 1_500))]
    #[schema(example = json!(["0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90"]), min_items = 1, max_items = 1_500)]
    user_ids: Option<Vec<Uuid>>,
}

impl MembersRequest {
    fn only(self) -> Option<Vec<UserId>> {
        self.user_ids.map(|ids| ids.into_iter().map(Id::from_uuid).collect())
    }
}

/// What became of an activation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionActivated)]
pub struct ActivatedView {
    /// How many may sign in now that could not before, or whose time was over.
    #[schema(example = 398)]
    users_enabled: usize,
    /// How many could already.
    #[schema(example = 12)]
    users_unchanged: usize,
    /// How many cannot be activated. If they are more than half, nobody was.
    #[schema(example = 2)]
    users_failed: usize,
    /// Who cannot, and why.
    errors: Vec<FailureView>,
}

/// Somebody who cannot be activated.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ActivationFailure)]
pub struct FailureView {
    /// The name to sign in with, or the account's id if it is not of this promotion.
    #[schema(example = "et-2026-0042")]
    username: String,
    /// Why, for programs: `account_inactive`, `no_secret`, `secret_lost`, `secret_rejected`, `name_rejected`,
    /// `name_taken`, `no_access_profile` or `not_in_promotion`.
    #[schema(example = "no_secret")]
    code: &'static str,
    /// Why, for people.
    #[schema(example = "the account has no Wi-Fi secret yet")]
    error: String,
}

impl From<Failure> for FailureView {
    fn from(failure: Failure) -> Self {
        let Failure { username, reason } = failure;
        Self { username, code: reason.code(), error: reason.to_string() }
    }
}

/// Why somebody cannot be enabled, in French and English.
#[must_use]
pub fn reason_of(reason: CannotEnable) -> (&'static str, &'static str) {
    match reason {
        CannotEnable::NotThere => ("n'existe pas", "does not exist"),
        CannotEnable::Inactive => ("est désactivé", "is switched off"),
        CannotEnable::NoSecret => ("n'a pas encore de secret Wi-Fi", "has no Wi-Fi secret yet"),
        CannotEnable::SecretLost => {
            ("a un secret Wi-Fi illisible", "has a Wi-Fi secret that cannot be opened")
        }
        CannotEnable::NoProfile => ("n'a pas de profil d'accès", "has no access profile"),
        CannotEnable::NameTaken => ("porte le nom d'un autre", "has the name of another user"),
        CannotEnable::Unfit(unfit) if unfit.code() == "name_rejected" => {
            ("a un nom que RADIUS rejette", "has a name that RADIUS rejects")
        }
        CannotEnable::Unfit(_) => ("a un secret que RADIUS rejette", "has a secret that RADIUS rejects"),
    }
}

/// What became of a deactivation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionDeactivated)]
pub struct DeactivatedView {
    /// How many could sign in and cannot any more.
    #[schema(example = 398)]
    users_disabled: usize,
}

/// Gives everybody of a promotion access to the Wi-Fi, or some of them, in one transaction.
///
/// Who cannot be given it is found first and named; if they are more than half, nothing is written. Sent again, it
/// changes nothing.
#[utoipa::path(
    tag = "Administration",
    operation_id = "activate_promotion",
    request_body = MembersRequest,
    params(("id" = uuid::Uuid, Path, description = "The promotion.")),
    responses(
        (status = 200, description = "What became of it.", body = Envelope<ActivatedView>),
        (status = 404, description = "There is no such promotion."),
        (status = 422, description = "The promotion has no access profile."),
    )
)]
#[post("/api/v1/promotions/{id}/activate")]
pub async fn activate_promotion(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::Promotion>,
    body: Json<MembersRequest>,
) -> Result<Answer<ActivatedView>, ApiError> {
    let only = body.into_inner().only();
    let activated = services.radius.activate_promotion(id.0, only.as_deref(), &context.origin).await?;
    Ok(Answer::ok(ActivatedView {
        users_enabled: activated.enabled,
        users_unchanged: activated.unchanged,
        users_failed: activated.failures.len(),
        errors: activated.failures.into_iter().map(FailureView::from).collect(),
    }))
}

/// Takes the access of everybody of a promotion away, or of some of them, in one transaction. Their sessions end.
#[utoipa::path(
    tag = "Administration",
    operation_id = "deactivate_promotion",
    request_body = MembersRequest,
    params(("id" = uuid::Uuid, Path, description = "The promotion.")),
    responses(
        (status = 200, description = "What became of it.", body = Envelope<DeactivatedView>),
        (status = 404, description = "There is no such promotion."),
    )
)]
#[post("/api/v1/promotions/{id}/deactivate")]
pub async fn deactivate_promotion(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::Promotion>,
    body: Json<MembersRequest>,
) -> Result<Answer<DeactivatedView>, ApiError> {
    let only = body.into_inner().only();
    let disabled = services.radius.deactivate_promotion(id.0, only.as_deref(), &context.origin).await?;
    Ok(Answer::ok(DeactivatedView { users_disabled: disabled }))
}

impl From<ActivatePromotionError> for ApiError {
    fn from(error: ActivatePromotionError) -> Self {
        match error {
            ActivatePromotionError::NotFound => ApiErrorCode::NotFound.into(),
            ActivatePromotionError::NoProfile => Self::field(
                "access_profile_id",
                FieldProblem::Said(
                    "manque : donnez d'abord un profil d'accès à la promotion".to_owned(),
                    "is missing: give the promotion an access profile first".to_owned(),
                ),
            ),
            ActivatePromotionError::Store(error) => error.into(),
        }
    }
}
