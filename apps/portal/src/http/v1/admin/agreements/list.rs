//! The reports there are.

use std::sync::Arc;

use actix_web::{get, web::Data};
use billing::queries::statements::AgreementFilter;
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::{AgreementView, currency, day};
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
    },
};

/// Which reports.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct AgreementQuery {
    /// Only those of this gateway.
    #[param(example = "serdipay")]
    pub gateway: Option<String>,
    /// Only those in this currency.
    #[param(example = "CDF")]
    pub currency: Option<String>,
    /// Only those of this day or later.
    #[param(example = "2026-01-01", value_type = Option<chrono::NaiveDate>)]
    pub from: Option<String>,
    /// Only those of this day or earlier.
    #[param(example = "2026-01-31", value_type = Option<chrono::NaiveDate>)]
    pub to: Option<String>,
    /// Only those where everything agrees, or something does not.
    #[param(example = false)]
    pub agrees: Option<bool>,
}

impl TryFrom<AgreementQuery> for AgreementFilter {
    type Error = ApiError;

    fn try_from(query: AgreementQuery) -> Result<Self, ApiError> {
        Ok(Self {
            gateway: query.gateway,
            currency: query.currency.as_deref().map(currency).transpose()?,
            from: query.from.as_deref().map(|text| day("from", text)).transpose()?,
            to: query.to.as_deref().map(|text| day("to", text)).transpose()?,
            agrees: query.agrees,
        })
    }
}

/// Agreement reports, latest day first.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_agreements",
    params(PageQuery, AgreementQuery),
    responses((status = 200, description = "One page of reports.", body = ListEnvelope<AgreementView>))
)]
#[get("/api/v1/admin/agreements")]
pub async fn list_agreements(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    query: Query<AgreementQuery>,
) -> Result<ListAnswer<AgreementView>, ApiError> {
    let reports = services.billing.agreements(&query.0.try_into()?, page.0.request()).await?;
    Ok(ListAnswer::of(reports.map(|report| AgreementView::from(&report))))
}
