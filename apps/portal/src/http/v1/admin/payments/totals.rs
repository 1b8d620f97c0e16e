//! What payments add up to.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::{OwnerQuery, PaymentQuery, filter};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::Query,
        v1::admin::TotalsView,
    },
};

/// How many payments there are and what they add up to, per currency.
#[utoipa::path(
    tag = "Administration",
    operation_id = "admin_payment_totals",
    params(PaymentQuery, OwnerQuery),
    responses((status = 200, description = "One sum for each currency.", body = Envelope<Vec<TotalsView>>))
)]
#[get("/api/v1/admin/payments/totals")]
pub async fn admin_payment_totals(
    services: Data<Arc<Services>>,
    query: Query<PaymentQuery>,
    owner: Query<OwnerQuery>,
) -> Result<Answer<Vec<TotalsView>>, ApiError> {
    let totals = services.billing.payment_totals(&filter(query.0, &owner.0)).await?;
    Ok(Answer::ok(totals.into_iter().map(TotalsView::from).collect()))
}
