//! The reports of one day as a file.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use billing::agreement::Agreement;
use kernel::Money;
use serde::Serialize;

use super::day;
use crate::{
    compose::Services,
    http::{
        error::{ApiError, ApiErrorCode},
        input::PathText,
        v1::admin::csv_file,
    },
};

/// A line of the file: a sum, or one thing that disagrees.
#[derive(Serialize)]
struct Line {
    date: String,
    gateway: String,
    currency: &'static str,
    entry: &'static str,
    count: u64,
    amount: String,
    payment_id: String,
    statement_line_id: String,
    expected: String,
    found: String,
}

/// The lines of one report: its sums, then what disagrees.
fn lines(report: &Agreement) -> Vec<Line> {
    let line = |entry, count, amount| Line {
        date: report.day.to_string(),
        gateway: report.gateway.clone(),
        currency: report.currency.code(),
        entry,
        count,
        amount,
        payment_id: String::new(),
        statement_line_id: String::new(),
        expected: String::new(),
        found: String::new(),
    };
    let sums = [
        ("payments", report.payments),
        ("ledger", report.ledger),
        ("statement", report.statement),
        ("expected", report.expected),
        ("settled_on_other_days", report.settled_on_other_days),
        ("dated_on_other_days", report.dated_on_other_days),
    ];
    let sums = sums.map(|(entry, tally)| {
        line(entry, tally.count, Money::from_minor(tally.sum, report.currency).amount())
    });
    let text = |money: Option<Money>| money.map(|money| money.to_string()).unwrap_or_default();
    let items = report.items.iter().map(|item| Line {
        payment_id: item.payment_id.map(|id| id.to_string()).unwrap_or_default(),
        statement_line_id: item.line_id.map(|id| id.to_string()).unwrap_or_default(),
        expected: text(item.expected),
        found: text(item.found),
        ..line(item.kind.as_str(), 1, String::new())
    });
    sums.into_iter().chain(items).collect()
}

/// The reports of a day as CSV: for each gateway and currency its sums, then what disagrees.
#[utoipa::path(
    tag = "Administration",
    operation_id = "export_agreement",
    params(("date" = String, Path, description = "The day, such as 2026-01-17.")),
    responses(
        (status = 200, description = "A header line, and one line for each sum and each thing that disagrees.", body = String, content_type = "text/csv"),
        (status = 404, description = "The day was not computed, or had nothing."),
        (status = 422, description = "It is no date."),
    )
)]
#[get("/api/v1/admin/agreements/{date}/export")]
pub async fn export_agreement(
    services: Data<Arc<Services>>,
    date: PathText,
) -> Result<HttpResponse, ApiError> {
    let day = day("date", &date.0)?;
    let reports = services.billing.agreements_of(day).await?;
    if reports.is_empty() {
        return Err(ApiErrorCode::NotFound.into());
    }
    csv_file(&format!("agreement-{day}.csv"), reports.iter().flat_map(lines).collect())
}
