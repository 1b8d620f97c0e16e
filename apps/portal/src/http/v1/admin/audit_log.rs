//! The audit log.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use identity::audit_log::{AuditCursor, AuditEntry, AuditFilter};
use kernel::PageRequest;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        envelope::{CursorAnswer, CursorEnvelope},
        error::{ApiError, FieldProblem},
        input::Query,
    },
};

/// Which lines are wanted.
#[derive(Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only this kind of thing: `login`, `payment`, `settings`, …
    #[validate(length(min = 1, max = 64))]
    #[param(example = "payment")]
    event_type: Option<String>,
    /// Only what this actor did: `user:<id>`, `system:<part>` or `anonymous`.
    #[validate(length(min = 1, max = 100))]
    #[param(example = "system:scheduler")]
    actor: Option<String>,
    /// Only what was done to this: `order:<id>`, `payment:<id>`, …
    #[validate(length(min = 1, max = 200))]
    #[param(example = "order:0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    resource: Option<String>,
    /// Only at or after this moment.
    #[param(example = "2026-01-17T00:00:00Z")]
    from: Option<DateTime<Utc>>,
    /// Only before this moment.
    #[param(example = "2026-01-18T00:00:00Z")]
    to: Option<DateTime<Utc>>,
    /// Where to read on: `meta.pagination.next_cursor` of the last answer.
    #[validate(length(min = 1, max = 200))]
    cursor: Option<String>,
    /// How many lines are wanted.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    per_page: Option<u32>,
}

/// A line of the audit log.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditLine)]
pub struct AuditLineView {
    /// Names the line.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    id: Uuid,
    /// When it happened.
    #[schema(example = "2026-01-17T12:00:00Z")]
    at: DateTime<Utc>,
    /// The kind of thing that happened.
    #[schema(example = "payment")]
    event_type: String,
    /// Who did it: `user:<id>`, `system:<part>` or `anonymous`.
    #[schema(example = "system:gateway")]
    actor: String,
    /// What it was done to.
    #[schema(example = "payment:0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    resource: String,
    /// What was done, as a verb.
    #[schema(example = "initiate")]
    action: String,
    /// `success` or `failure`.
    #[schema(example = "success")]
    status: String,
    /// More about it.
    #[schema(example = json!({"phone": "+24381*****78"}))]
    details: BTreeMap<String, Value>,
    /// The request that did it.
    #[schema(example = "0197f2a4-6a1e-4c53-9b7e-2f5d8c1a3e90")]
    request_id: Option<String>,
    /// The network address it came from.
    #[schema(example = "198.51.100.7")]
    ip: Option<String>,
    /// Its place in the hash chain; null until it has been sealed.
    #[schema(example = 42)]
    sequence: Option<i64>,
    /// Its hash in the chain; null until it has been sealed.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    hash: Option<String>,
}

/// Lists the audit log, newest first.
#[utoipa::path(
    tag = "Administration",
    params(AuditQuery),
    responses((status = 200, description = "Lines of the log.", body = CursorEnvelope<AuditLineView>))
)]
#[get("/api/v1/admin/audit-log")]
pub async fn list_audit_log(
    services: Data<Arc<Services>>,
    query: Query<AuditQuery>,
) -> Result<CursorAnswer<AuditLineView>, ApiError> {
    let query = query.0;
    let cursor = query.cursor.as_deref().map(AuditCursor::parse).transpose();
    let cursor = cursor.map_err(|_| ApiError::field("cursor", FieldProblem::Invalid))?;
    let filter = AuditFilter {
        event_type: query.event_type,
        actor: query.actor,
        resource: query.resource,
        from: query.from,
        to: query.to,
    };
    let per_page = query.per_page.unwrap_or(PageRequest::DEFAULT_PER_PAGE);
    let page = services.identity.audit_log(&filter, cursor, per_page).await?;
    let lines = page.entries.into_iter().map(AuditLineView::from).collect();
    Ok(CursorAnswer::of(lines, page.next.map(|cursor| cursor.to_string()), per_page))
}

impl From<AuditEntry> for AuditLineView {
    fn from(entry: AuditEntry) -> Self {
        let (sequence, hash) = entry.seal.map(|seal| (seal.sequence, seal.hash)).unzip();
        Self {
            id: entry.id.as_uuid(),
            at: entry.at,
            event_type: entry.event_type,
            actor: entry.actor,
            resource: entry.resource,
            action: entry.action,
            status: entry.status,
            details: match entry.details {
                Value::Object(fields) => fields.into_iter().collect(),
                _ => BTreeMap::new(),
            },
            request_id: entry.request_id,
            ip: entry.ip,
            sequence,
            hash,
        }
    }
}
