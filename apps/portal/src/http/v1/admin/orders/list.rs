//! Everybody's orders, page by page.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::{AdminOrderView, OrderQuery, PartiesQuery, filter};
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
    },
};

/// Everybody's orders, latest first.
#[utoipa::path(
    tag = "Administration",
    operation_id = "admin_list_orders",
    params(PageQuery, OrderQuery, PartiesQuery),
    responses((status = 200, description = "One page of orders.", body = ListEnvelope<AdminOrderView>))
)]
#[get("/api/v1/admin/orders")]
pub async fn admin_list_orders(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    query: Query<OrderQuery>,
    parties: Query<PartiesQuery>,
) -> Result<ListAnswer<AdminOrderView>, ApiError> {
    let orders = services.billing.orders(&filter(query.0, &parties.0), page.0.request()).await?;
    Ok(ListAnswer::of(orders.map(AdminOrderView::from)))
}
