//! What the caller has sold over the counter.

use std::sync::Arc;

use actix_web::{get, http::header, web::Data};
use billing::queries::OrderFilter;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope, ListAnswer, ListEnvelope},
        error::{ApiError, ApiErrorCode},
        input::{PathText, Query},
        pagination::PageQuery,
        policy::Caller,
        v1::orders::{
            OrderQuery, OrderView,
            place::{PlacedOrderView, with_token},
        },
    },
};

/// Orders that the caller has sold over the counter, latest first.
#[utoipa::path(
    tag = "Agents",
    operation_id = "list_sales",
    params(PageQuery, OrderQuery),
    responses((status = 200, description = "One page of orders.", body = ListEnvelope<OrderView>))
)]
#[get("/api/v1/agent/sales")]
pub async fn list_sales(
    services: Data<Arc<Services>>,
    caller: Caller,
    page: Query<PageQuery>,
    query: Query<OrderQuery>,
) -> Result<ListAnswer<OrderView>, ApiError> {
    let filter = OrderFilter { agent_id: Some(caller.0.user_id), ..query.0.into() };
    let orders = services.billing.orders(&filter, page.0.request()).await?;
    Ok(ListAnswer::of(orders.map(OrderView::from)))
}

/// One order that the caller has sold over the counter, with the `order_token` that reads its credentials.
///
/// So nothing is lost when the answer to the sale was: whoever has sold it can still hand the credentials over.
#[utoipa::path(
    tag = "Agents",
    operation_id = "show_sale",
    params(("order" = String, Path, description = "The order's id or number.", example = "ORD-20260117-000042")),
    responses(
        (
            status = 200,
            description = "The order.",
            body = Envelope<PlacedOrderView>,
            headers(("Cache-Control" = String, description = "Always `no-store`")),
        ),
        (status = 404, description = "The caller has sold no such order."),
    )
)]
#[get("/api/v1/agent/sales/{order}")]
pub async fn show_sale(
    services: Data<Arc<Services>>,
    caller: Caller,
    order: PathText,
) -> Result<Answer<PlacedOrderView>, ApiError> {
    let sold = services.billing.sold_order(caller.0.user_id, &order.0).await?;
    let sold = with_token(&services, sold.ok_or(ApiErrorCode::NotFound)?)?;
    Ok(Answer::ok(sold).with_header(header::CACHE_CONTROL, "no-store"))
}
