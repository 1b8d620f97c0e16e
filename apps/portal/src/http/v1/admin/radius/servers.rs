//! The RADIUS servers within the portal.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use kernel::{Page, PageRequest};
use radius::ports::ServerState;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
    },
};

/// A RADIUS server within the portal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RadiusServer)]
pub struct ServerView {
    /// Names this run of it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e98")]
    id: Uuid,
    /// Where it answers logins.
    #[schema(example = "0.0.0.0:1812")]
    auth_address: String,
    /// Where it takes accounting.
    #[schema(example = "0.0.0.0:1813")]
    acct_address: String,
    /// When it began.
    #[schema(example = "2026-01-17T12:00:00Z")]
    started_at: DateTime<Utc>,
    /// When it last said something of itself: every five seconds while it runs.
    #[schema(example = "2026-01-17T12:30:00Z")]
    seen_at: DateTime<Utc>,
    /// Packets since it began by what became of them: `received`, `accepted`, `rejected`, `accounted`, `repeated`, and
    /// those that got no answer as `dropped_…`.
    #[schema(example = json!({"received": 1200, "accepted": 300, "dropped_unknown_nas": 2}))]
    packets: BTreeMap<String, u64>,
}

/// Lists the portal's own RADIUS servers that ran in the last 24 hours, and what they have counted.
#[utoipa::path(
    tag = "Administration",
    responses((status = 200, description = "The servers, on one page, the latest first.", body = ListEnvelope<ServerView>))
)]
#[get("/api/v1/admin/radius/servers")]
pub async fn list_radius_servers(services: Data<Arc<Services>>) -> Result<ListAnswer<ServerView>, ApiError> {
    let servers = services.radius.servers().await?;
    let request = PageRequest::new(1, PageRequest::MAX_PER_PAGE);
    let page = Page { total: servers.len() as u64, items: servers, request };
    Ok(ListAnswer::of(page.map(ServerView::from)))
}

impl From<ServerState> for ServerView {
    fn from(state: ServerState) -> Self {
        Self {
            id: state.id,
            auth_address: state.auth_address,
            acct_address: state.acct_address,
            started_at: state.started_at,
            seen_at: state.seen_at,
            packets: state.counts,
        }
    }
}
