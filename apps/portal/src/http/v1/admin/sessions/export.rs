//! Sessions as a file.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use hotspot::queries::sessions::SessionView;
use serde::Serialize;

use super::{OwnerQuery, PlaceQuery, filter};
use crate::{
    compose::Services,
    http::{
        error::ApiError,
        input::Query,
        v1::{
            admin::{all_rows, csv_file},
            sessions::SessionQuery,
        },
    },
};

/// A line of the file.
#[derive(Serialize)]
struct Line {
    id: String,
    username: String,
    user_id: String,
    hotspot_user_id: String,
    router: String,
    mac: String,
    address: String,
    started_at: String,
    last_seen_at: String,
    closed_at: String,
    ending: &'static str,
    duration_seconds: u64,
    uploaded_bytes: u64,
    downloaded_bytes: u64,
}

impl From<SessionView> for Line {
    fn from(view: SessionView) -> Self {
        let session = view.session;
        Self {
            id: session.id.to_string(),
            username: session.username,
            user_id: session.user_id.map(|id| id.to_string()).unwrap_or_default(),
            hotspot_user_id: session.hotspot_user_id.map(|id| id.to_string()).unwrap_or_default(),
            router: view.router_name,
            mac: session.mac,
            address: session.address.to_string(),
            started_at: session.started_at.to_rfc3339(),
            last_seen_at: session.last_seen_at.to_rfc3339(),
            closed_at: session.closed_at.map(|moment| moment.to_rfc3339()).unwrap_or_default(),
            ending: session.ending.map(|ending| ending.as_str()).unwrap_or_default(),
            duration_seconds: session.uptime_seconds,
            uploaded_bytes: session.traffic.uploaded(),
            downloaded_bytes: session.traffic.downloaded(),
        }
    }
}

/// Sessions as CSV, latest first, at most 10,000.
#[utoipa::path(
    tag = "Administration",
    operation_id = "admin_export_sessions",
    params(SessionQuery, PlaceQuery, OwnerQuery),
    responses(
        (status = 200, description = "A header line and one line for each session.", body = String, content_type = "text/csv"),
        (status = 422, description = "`export_too_large`: narrow the filters."),
    )
)]
#[get("/api/v1/admin/sessions/export")]
pub async fn admin_export_sessions(
    services: Data<Arc<Services>>,
    query: Query<SessionQuery>,
    place: Query<PlaceQuery>,
    owner: Query<OwnerQuery>,
) -> Result<HttpResponse, ApiError> {
    let filter = filter(query.0, place.0, &owner.0);
    let rows = all_rows(async |page| services.hotspot.list_sessions(&filter, page).await).await?;
    csv_file("sessions.csv", rows.into_iter().map(Line::from).collect())
}
