//! The caller's payments.

use std::sync::Arc;

use actix_web::{get, web::Data};
use billing::queries::PaymentFilter;

use super::{PaymentQuery, PaymentView};
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
        policy::Caller,
    },
};

/// The caller's payments, latest first.
#[utoipa::path(
    tag = "Payments",
    operation_id = "list_payments",
    params(PageQuery, PaymentQuery),
    responses((status = 200, description = "One page of payments.", body = ListEnvelope<PaymentView>))
)]
#[get("/api/v1/payments")]
pub async fn list_payments(
    services: Data<Arc<Services>>,
    caller: Caller,
    page: Query<PageQuery>,
    query: Query<PaymentQuery>,
) -> Result<ListAnswer<PaymentView>, ApiError> {
    let filter = PaymentFilter { user_id: Some(caller.0.user_id), ..query.0.into() };
    let payments = services.billing.payments(&filter, page.0.request()).await?;
    Ok(ListAnswer::of(payments.map(PaymentView::from)))
}
