//! The reports of one day.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::{AgreementDetailsView, day};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::PathText,
    },
};

/// The reports of a day with everything that disagrees: one for each gateway and currency that had anything.
#[utoipa::path(
    tag = "Administration",
    operation_id = "show_agreement",
    params(("date" = String, Path, description = "The day, such as 2026-01-17.")),
    responses(
        (status = 200, description = "The day's reports.", body = Envelope<Vec<AgreementDetailsView>>),
        (status = 404, description = "The day was not computed, or had nothing."),
        (status = 422, description = "It is no date."),
    )
)]
#[get("/api/v1/admin/agreements/{date}")]
pub async fn show_agreement(
    services: Data<Arc<Services>>,
    date: PathText,
) -> Result<Answer<Vec<AgreementDetailsView>>, ApiError> {
    let reports = services.billing.agreements_of(day("date", &date.0)?).await?;
    if reports.is_empty() {
        return Err(ApiErrorCode::NotFound.into());
    }
    Ok(Answer::ok(reports.into_iter().map(AgreementDetailsView::from).collect()))
}
