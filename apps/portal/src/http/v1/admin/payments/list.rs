//! Everybody's payments, page by page.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::{AdminPaymentView, OwnerQuery, PaymentQuery, filter};
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
    },
};

/// Everybody's payments, latest first.
#[utoipa::path(
    tag = "Administration",
    operation_id = "admin_list_payments",
    params(PageQuery, PaymentQuery, OwnerQuery),
    responses((status = 200, description = "One page of payments.", body = ListEnvelope<AdminPaymentView>))
)]
#[get("/api/v1/admin/payments")]
pub async fn admin_list_payments(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    query: Query<PaymentQuery>,
    owner: Query<OwnerQuery>,
) -> Result<ListAnswer<AdminPaymentView>, ApiError> {
    let payments = services.billing.payments(&filter(query.0, &owner.0), page.0.request()).await?;
    Ok(ListAnswer::of(payments.map(AdminPaymentView::from)))
}
