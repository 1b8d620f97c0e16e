//! Receipts as a file, for whoever declares them.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use billing::receipt::Receipt;
use serde::Serialize;

use super::ReceiptQuery;
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
    issued_at: String,
    order_id: String,
    payment_id: String,
    total: String,
    tax: String,
    currency: &'static str,
    tax_basis_points: u16,
    seller: String,
    tax_id: String,
    fiscal_device: String,
    fiscal_code: String,
}

impl From<Receipt> for Line {
    fn from(receipt: Receipt) -> Self {
        let (device, code) = receipt.fiscal.map(|mark| (mark.device, mark.code)).unwrap_or_default();
        Self {
            number: receipt.text,
            issued_at: receipt.issued_at.to_rfc3339(),
            order_id: receipt.order_id.to_string(),
            payment_id: receipt.payment_id.to_string(),
            total: receipt.total.amount(),
            tax: receipt.tax.amount(),
            currency: receipt.total.currency().code(),
            tax_basis_points: receipt.tax_rate.get(),
            seller: receipt.seller.name,
            tax_id: receipt.seller.tax_id.unwrap_or_default(),
            fiscal_device: device,
            fiscal_code: code,
        }
    }
}

/// Receipts as CSV, by site, the latest first, at most 10,000.
#[utoipa::path(
    tag = "Administration",
    operation_id = "export_receipts",
    params(ReceiptQuery),
    responses(
        (status = 200, description = "A header line and one line for each receipt.", body = String, content_type = "text/csv"),
        (status = 422, description = "`export_too_large`: narrow the filters."),
    )
)]
#[get("/api/v1/admin/receipts/export")]
pub async fn export_receipts(
    services: Data<Arc<Services>>,
    query: Query<ReceiptQuery>,
) -> Result<HttpResponse, ApiError> {
    let filter = query.0.into();
    let rows = all_rows(async |page| services.billing.receipts(&filter, page).await).await?;
    csv_file("receipts.csv", rows.into_iter().map(Line::from).collect())
}
