//! Payments as a file.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use kernel::Msisdn;
use serde::Serialize;

use super::{OwnerQuery, PaymentQuery, filter};
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
    id: String,
    order_id: String,
    status: &'static str,
    amount: String,
    currency: &'static str,
    phone: String,
    operator: &'static str,
    gateway: String,
    reference: String,
    provider_ref: String,
    created_at: String,
    settled_at: String,
}

impl From<billing::Payment> for Line {
    fn from(payment: billing::Payment) -> Self {
        let wallet = payment.wallet.as_ref();
        Self {
            id: payment.id.to_string(),
            order_id: payment.order_id.to_string(),
            status: payment.status.as_str(),
            amount: payment.amount.amount(),
            currency: payment.amount.currency().code(),
            phone: payment.phone().map(Msisdn::to_string).unwrap_or_default(),
            operator: wallet.map(|wallet| wallet.operator.as_str()).unwrap_or_default(),
            gateway: payment.gateway,
            reference: payment.reference.to_string(),
            provider_ref: payment.provider_ref.unwrap_or_default(),
            created_at: payment.created_at.to_rfc3339(),
            settled_at: payment.settled_at.map(|moment| moment.to_rfc3339()).unwrap_or_default(),
        }
    }
}

/// Payments as CSV, latest first, at most 10,000.
#[utoipa::path(
    tag = "Administration",
    operation_id = "admin_export_payments",
    params(PaymentQuery, OwnerQuery),
    responses(
        (status = 200, description = "A header line and one line for each payment.", body = String, content_type = "text/csv"),
        (status = 422, description = "`export_too_large`: narrow the filters."),
    )
)]
#[get("/api/v1/admin/payments/export")]
pub async fn admin_export_payments(
    services: Data<Arc<Services>>,
    query: Query<PaymentQuery>,
    owner: Query<OwnerQuery>,
) -> Result<HttpResponse, ApiError> {
    let filter = filter(query.0, &owner.0);
    let rows = all_rows(async |page| services.billing.payments(&filter, page).await).await?;
    csv_file("payments.csv", rows.into_iter().map(Line::from).collect())
}
