//! The caller's orders.

use std::sync::Arc;

use actix_web::{get, web::Data};
use billing::queries::OrderFilter;

use super::{OrderQuery, OrderView};
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

/// The caller's orders, latest first.
#[utoipa::path(
    tag = "Orders",
    operation_id = "list_orders",
    params(PageQuery, OrderQuery),
    responses((status = 200, description = "One page of orders.", body = ListEnvelope<OrderView>))
)]
#[get("/api/v1/orders")]
pub async fn list_orders(
    services: Data<Arc<Services>>,
    caller: Caller,
    page: Query<PageQuery>,
    query: Query<OrderQuery>,
) -> Result<ListAnswer<OrderView>, ApiError> {
    let filter = OrderFilter { user_id: Some(caller.0.user_id), ..query.0.into() };
    let orders = services.billing.orders(&filter, page.0.request()).await?;
    Ok(ListAnswer::of(orders.map(OrderView::from)))
}
