//! What a site's guests may do while their wallet is asked to pay.

use std::sync::Arc;

use actix_web::{get, put, web::Data};
use billing::grace::{GraceOutOfRange, PaymentGrace};
use kernel::id::of;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        input::{Json, PathId},
        policy::RequestContext,
    },
};

/// A short and slow access for guests whose wallet is asked to pay.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentGrace)]
pub struct PaymentGraceView {
    /// Whether guests get it.
    #[schema(example = true)]
    enabled: bool,
    /// How long it lasts, in minutes.
    #[schema(example = 5, minimum = 1, maximum = 15)]
    minutes: u32,
    /// Upload rate in kilobits per second.
    #[schema(example = 256, minimum = 64, maximum = 2048)]
    upload_kbps: u32,
    /// Download rate in kilobits per second.
    #[schema(example = 256, minimum = 64, maximum = 2048)]
    download_kbps: u32,
    /// Bytes in both directions together.
    #[schema(example = 10_000_000, minimum = 1_000_000, maximum = 100_000_000)]
    data_cap_bytes: u64,
}

/// A short and slow access for guests whose wallet is asked to pay. What is left out is as it is by default.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentGraceRequest {
    /// Whether guests get it.
    #[schema(example = true)]
    enabled: bool,
    /// How long it lasts, in minutes.
    #[serde(default)]
    #[validate(range(min = 1, max = 15))]
    #[schema(example = 5, minimum = 1, maximum = 15, default = 5)]
    minutes: Option<u32>,
    /// Upload rate in kilobits per second.
    #[serde(default)]
    #[validate(range(min = 64, max = 2_048))]
    #[schema(example = 256, minimum = 64, maximum = 2048, default = 256)]
    upload_kbps: Option<u32>,
    /// Download rate in kilobits per second.
    #[serde(default)]
    #[validate(range(min = 64, max = 2_048))]
    #[schema(example = 256, minimum = 64, maximum = 2048, default = 256)]
    download_kbps: Option<u32>,
    /// Bytes in both directions together.
    #[serde(default)]
    #[validate(range(min = 1_000_000, max = 100_000_000))]
    #[schema(example = 10_000_000, minimum = 1_000_000, maximum = 100_000_000, default = 10_000_000)]
    data_cap_bytes: Option<u64>,
}

/// What guests at a site may do while their wallet is asked to pay. At first it is off.
#[utoipa::path(
    tag = "Administration",
    operation_id = "show_payment_grace",
    params(("id" = Uuid, Path, description = "The site.")),
    responses(
        (status = 200, description = "The payment grace.", body = Envelope<PaymentGraceView>),
        (status = 404, description = "There is no such site."),
    )
)]
#[get("/api/v1/admin/sites/{id}/payment-grace")]
pub async fn show_payment_grace(
    services: Data<Arc<Services>>,
    id: PathId<of::Site>,
) -> Result<Answer<PaymentGraceView>, ApiError> {
    let sites = services.billing.reads().sites().await?;
    if !sites.iter().any(|site| site.id == id.0) {
        return Err(ApiErrorCode::NotFound.into());
    }
    Ok(Answer::ok(services.billing.payment_grace(id.0).await?.into()))
}

/// Says what guests at a site may do while their wallet is asked to pay.
///
/// It counts for payments that are begun from now on. An order gets it once, and a phone and an address only so often within
/// 24 hours; it ends when the payment has failed, when what was bought is ready, and by itself.
#[utoipa::path(
    tag = "Administration",
    operation_id = "set_payment_grace",
    request_body = PaymentGraceRequest,
    params(("id" = Uuid, Path, description = "The site.")),
    responses(
        (status = 200, description = "The payment grace.", body = Envelope<PaymentGraceView>),
        (status = 404, description = "There is no such site."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[put("/api/v1/admin/sites/{id}/payment-grace")]
pub async fn set_payment_grace(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::Site>,
    body: Json<PaymentGraceRequest>,
) -> Result<Answer<PaymentGraceView>, ApiError> {
    let grace = PaymentGrace::try_from(body.into_inner())?;
    if !services.billing.set_payment_grace(&context.origin, id.0, &grace).await? {
        return Err(ApiErrorCode::NotFound.into());
    }
    Ok(Answer::ok(grace.into()))
}

impl TryFrom<PaymentGraceRequest> for PaymentGrace {
    type Error = GraceOutOfRange;

    fn try_from(request: PaymentGraceRequest) -> Result<Self, GraceOutOfRange> {
        let PaymentGraceRequest { enabled, minutes, upload_kbps, download_kbps, data_cap_bytes } = request;
        let default = Self::default();
        let (upload, download) = default.rates();
        Self::new(
            enabled,
            minutes.unwrap_or(default.minutes()),
            (upload_kbps.unwrap_or(upload), download_kbps.unwrap_or(download)),
            data_cap_bytes.unwrap_or(default.data_cap_bytes()),
        )
    }
}

impl From<GraceOutOfRange> for ApiError {
    fn from(error: GraceOutOfRange) -> Self {
        let GraceOutOfRange { field, min, max } = error;
        Self::field(field, FieldProblem::OutOfRange(Some(min.to_string()), Some(max.to_string())))
    }
}

impl From<PaymentGrace> for PaymentGraceView {
    fn from(grace: PaymentGrace) -> Self {
        let (upload_kbps, download_kbps) = grace.rates();
        Self {
            enabled: grace.enabled(),
            minutes: grace.minutes(),
            upload_kbps,
            download_kbps,
            data_cap_bytes: grace.data_cap_bytes(),
        }
    }
}
