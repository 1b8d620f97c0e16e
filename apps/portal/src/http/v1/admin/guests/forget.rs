//! Forgetting a guest.

use std::sync::Arc;

use actix_web::{post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::Json,
        policy::RequestContext,
        v1::account_fields as fields,
    },
};

/// Who is to be forgotten, and why.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgetGuestRequest {
    /// The phone number that the guest has ordered with, or paid with.
    #[validate(length(min = 1, max = 32))]
    #[schema(example = "+243812345678", min_length = 1, max_length = 32)]
    phone: String,
    /// For the audit log, which keeps it: name nobody in it.
    #[validate(length(min = 3, max = 500))]
    #[schema(example = "Asked for by letter of 12 January", min_length = 3, max_length = 500)]
    reason: String,
}

/// What is being forgotten.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForgottenGuest {
    /// How many orders there are of guests with this number. Whose they were is forgotten as soon as nothing about them is
    /// under way.
    #[schema(example = 3, minimum = 0)]
    orders: usize,
}

/// Forgets whose the orders were that guests have placed with a phone number.
///
/// The orders, payments, receipts and the ledger stay, without the number. An account with the same number is left alone:
/// it is deleted instead. The audit log has the number with its middle hidden.
#[utoipa::path(
    tag = "Administration",
    operation_id = "forget_guest",
    request_body = ForgetGuestRequest,
    responses(
        (status = 202, description = "It has begun.", body = Envelope<ForgottenGuest>),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[post("/api/v1/admin/guests/forget")]
pub async fn forget_guest(
    services: Data<Arc<Services>>,
    context: RequestContext,
    body: Json<ForgetGuestRequest>,
) -> Result<Answer<ForgottenGuest>, ApiError> {
    let body = body.into_inner();
    let phone = fields::phone(&body.phone)?;
    let orders = services.billing.forget_guest(&context.origin, &phone, &body.reason).await?;
    Ok(Answer::accepted(ForgottenGuest { orders }, "/api/v1/admin/orders"))
}
