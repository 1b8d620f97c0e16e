//! What orders add up to.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::{OrderQuery, PartiesQuery, filter};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::Query,
        v1::admin::TotalsView,
    },
};

/// How many orders there are and what they add up to, per currency.
#[utoipa::path(
    tag = "Administration",
    operation_id = "admin_order_totals",
    params(OrderQuery, PartiesQuery),
    responses((status = 200, description = "One sum for each currency.", body = Envelope<Vec<TotalsView>>))
)]
#[get("/api/v1/admin/orders/totals")]
pub async fn admin_order_totals(
    services: Data<Arc<Services>>,
    query: Query<OrderQuery>,
    parties: Query<PartiesQuery>,
) -> Result<Answer<Vec<TotalsView>>, ApiError> {
    let totals = services.billing.order_totals(&filter(query.0, &parties.0)).await?;
    Ok(Answer::ok(totals.into_iter().map(TotalsView::from).collect()))
}
