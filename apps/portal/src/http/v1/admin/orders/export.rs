//! Orders as a file.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use serde::Serialize;

use super::{OrderQuery, PartiesQuery, filter};
use crate::{
    compose::Services,
    http::{
        error::ApiError,
        input::Query,
        v1::admin::{all_rows, csv_file},
    },
};

/// A line of the file.
#[derive(Serialize)]
struct Line {
    number: String,
    status: &'static str,
    package: String,
    quantity: u32,
    total: String,
    currency: &'static str,
    created_at: String,
    paid_at: String,
}

impl From<billing::Order> for Line {
    fn from(order: billing::Order) -> Self {
        Self {
            number: order.number,
            status: order.status.as_str(),
            package: order.package.name,
            quantity: order.quantity.get(),
            total: order.total.amount(),
            currency: order.total.currency().code(),
            created_at: order.created_at.to_rfc3339(),
            paid_at: order.paid_at.map(|moment| moment.to_rfc3339()).unwrap_or_default(),
        }
    }
}

/// Orders as CSV, latest first, at most 10,000.
#[utoipa::path(
    tag = "Administration",
    operation_id = "admin_export_orders",
    params(OrderQuery, PartiesQuery),
    responses(
        (status = 200, description = "A header line and one line for each order.", body = String, content_type = "text/csv"),
        (status = 422, description = "`export_too_large`: narrow the filters."),
    )
)]
#[get("/api/v1/admin/orders/export")]
pub async fn admin_export_orders(
    services: Data<Arc<Services>>,
    query: Query<OrderQuery>,
    parties: Query<PartiesQuery>,
) -> Result<HttpResponse, ApiError> {
    let filter = filter(query.0, &parties.0);
    let rows = all_rows(async |page| services.billing.orders(&filter, page).await).await?;
    csv_file("orders.csv", rows.into_iter().map(Line::from).collect())
}
