//! What was decided of an access profile, and of who has it.

use std::sync::Arc;

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use kernel::id::of;
use radius::profile_change::ProfileChange;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::TermsView;
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::{PathId, Query},
        pagination::PageQuery,
    },
};

/// An entry of the history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessProfileHistoryEntry)]
pub struct HistoryEntryView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e99")]
    id: Uuid,
    /// What was changed: the profile itself (`created`, `changed`, `deleted`), or who has it (`promotion`,
    /// `subscriber`).
    #[schema(example = "promotion")]
    kind: &'static str,
    /// The name of what it was done to: the profile, the promotion, or the user.
    #[schema(example = "L1 Informatique")]
    subject: String,
    /// The profile before.
    #[schema(example = json!(null))]
    old_profile_id: Option<Uuid>,
    /// The profile after.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e98")]
    new_profile_id: Option<Uuid>,
    /// What the profile said before, if it was changed itself.
    before: Option<TermsView>,
    /// What it said then.
    after: Option<TermsView>,
    /// Who did it.
    #[schema(example = "user:0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    actor: String,
    /// Why.
    #[schema(example = "a new year")]
    reason: Option<String>,
    /// When.
    #[schema(example = "2026-01-17T12:00:00Z")]
    at: DateTime<Utc>,
}

impl From<ProfileChange> for HistoryEntryView {
    fn from(change: ProfileChange) -> Self {
        Self {
            id: change.id.as_uuid(),
            kind: change.kind.as_str(),
            subject: change.subject,
            old_profile_id: change.old_profile_id.map(|id| id.as_uuid()),
            new_profile_id: change.new_profile_id.map(|id| id.as_uuid()),
            before: change.before.map(TermsView::from),
            after: change.after.map(TermsView::from),
            actor: change.actor,
            reason: change.reason,
            at: change.at,
        }
    }
}

/// Lists what was decided of an access profile and of who has it, latest first. It outlives the profile.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_access_profile_history",
    params(("id" = uuid::Uuid, Path, description = "The access profile."), PageQuery),
    responses((status = 200, description = "A page of the history.", body = ListEnvelope<HistoryEntryView>))
)]
#[get("/api/v1/admin/access-profiles/{id}/history")]
pub async fn list_access_profile_history(
    services: Data<Arc<Services>>,
    id: PathId<of::AccessProfile>,
    page: Query<PageQuery>,
) -> Result<ListAnswer<HistoryEntryView>, ApiError> {
    let found = services.radius.profile_history(id.0, page.0.request()).await?;
    Ok(ListAnswer::of(found.map(HistoryEntryView::from)))
}
