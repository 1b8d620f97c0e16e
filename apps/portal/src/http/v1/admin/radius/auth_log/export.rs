//! The log as a file.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use radius::auth_log::AuthEntry;
use serde::Serialize;

use super::{AuthLogQuery, PeriodQuery};
use crate::{
    compose::Services,
    http::{
        error::{ApiError, ApiErrorCode},
        input::Query,
        v1::admin::{EXPORT_ROWS, csv_file},
    },
};

/// So many lines are read at once.
const AT_ONCE: u32 = 1_000;

/// A line of the file.
#[derive(Serialize)]
struct Line {
    at: String,
    username: String,
    status: &'static str,
    reason: String,
    mac: String,
    called_station: String,
    nas: String,
    address: String,
}

impl From<AuthEntry> for Line {
    fn from(entry: AuthEntry) -> Self {
        let text = |text: Option<String>| text.map(inert).unwrap_or_default();
        Self {
            at: entry.at.to_rfc3339(),
            username: inert(entry.username),
            status: entry.status.as_str(),
            reason: text(entry.reason),
            mac: text(entry.calling_station),
            called_station: text(entry.called_station),
            nas: text(entry.nas_address),
            address: text(entry.address),
        }
    }
}

/// A text that no spreadsheet takes for a formula: anybody in reach of the Wi-Fi decides what stands in the log.
fn inert(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

/// How logins were answered as CSV, newest first, at most 10,000.
#[utoipa::path(
    tag = "Administration",
    params(AuthLogQuery, PeriodQuery),
    responses(
        (status = 200, description = "A header line and one line for each login.", body = String, content_type = "text/csv"),
        (status = 422, description = "`export_too_large`: narrow the filters."),
    )
)]
#[get("/api/v1/admin/radius/auth-log/export")]
pub async fn export_auth_log(
    services: Data<Arc<Services>>,
    query: Query<AuthLogQuery>,
    period: Query<PeriodQuery>,
) -> Result<HttpResponse, ApiError> {
    let filter = query.0.filter(&period.0)?;
    let (mut lines, mut before) = (Vec::new(), None);
    loop {
        let entries = services.radius.auth_log(&filter, before, AT_ONCE).await?;
        let Some(last) = entries.last() else { break };
        before = Some(last.id);
        lines.extend(entries.into_iter().map(Line::from));
        if lines.len() as u64 > EXPORT_ROWS {
            return Err(ApiErrorCode::ExportTooLarge.into());
        }
    }
    csv_file("auth-log.csv", lines)
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn what_a_stranger_typed_is_no_formula() {
        assert_eq!(inert("=HYPERLINK(1)".to_owned()), "'=HYPERLINK(1)");
        assert_eq!(inert("+243812345678".to_owned()), "'+243812345678");
        assert_eq!(inert("ada".to_owned()), "ada");
    }
}
