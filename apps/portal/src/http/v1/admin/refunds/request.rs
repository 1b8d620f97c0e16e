//! Asking for a refund.

use std::{collections::BTreeSet, sync::Arc};

use actix_web::{post, web::Data};
use billing::{
    queries::Scope,
    use_cases::request_refund::{RequestRefund, RequestRefundError},
};
use kernel::id::of;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{RefundDetailsView, RefundWayWord, shown, units_used};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        idempotency::IdempotencyHeader,
        input::{Json, PathId},
        policy::RequestContext,
        v1::admin::user_profiles::MoneyInput,
    },
};

/// What is to go back.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestRefundRequest {
    /// How much; when it is not given the price of the units, or, without any, all that is left of the payment.
    #[serde(default)]
    #[validate(nested)]
    pub amount: Option<MoneyInput>,
    /// The numbers of the order's units that are given back: their credentials are revoked, or never made. With the last of
    /// the money all are.
    #[serde(default)]
    #[validate(length(max = 100))]
    #[schema(example = json!([2]), max_items = 100)]
    pub units: Vec<u32>,
    /// Whether units may be given back that were used.
    #[serde(default)]
    #[schema(example = false)]
    pub even_if_used: bool,
    /// How it goes back; the way it came when it is not given.
    #[serde(default)]
    pub way: Option<RefundWayWord>,
    /// Why.
    #[validate(length(min = 3, max = 500))]
    #[schema(example = "The router of the site was down all day", min_length = 3, max_length = 500)]
    pub reason: String,
}

/// Asks for a refund of a payment, in full or in part.
///
/// While no more than `REFUND_ALONE_UP_TO_CDF` or `REFUND_ALONE_UP_TO_USD` of the payment goes back, in one part or in many, it
/// is approved at once; for more a second person has to.
/// What is asked for is reserved at once: all refunds of a payment together are never more than what came in.
#[utoipa::path(
    tag = "Administration",
    operation_id = "request_refund",
    request_body = RequestRefundRequest,
    params(
        ("payment" = Uuid, Path, description = "The payment."),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeat with the same key and body is answered with the refund that the first one made."),
    ),
    responses(
        (status = 201, description = "The refund.", body = Envelope<RefundDetailsView>),
        (status = 404, description = "There is no such payment."),
        (status = 409, description = "`conflict`: the payment has not succeeded. `refund_too_large`: less is left of it. `units_used`: credentials were used. `not_enough_credit`: the customer has spent the credit that it would come from."),
        (status = 422, description = "A value is not accepted, or the idempotency key came with another body before."),
    )
)]
#[post("/api/v1/admin/payments/{payment}/refunds")]
pub async fn request_refund(
    services: Data<Arc<Services>>,
    context: RequestContext,
    payment: PathId<of::Payment>,
    idempotency: IdempotencyHeader,
    body: Json<RequestRefundRequest>,
) -> Result<Answer<RefundDetailsView>, ApiError> {
    let key = idempotency.over(body.bytes());
    let request = body.into_inner();
    let known = services.billing.payment(Scope::All, payment.0).await?;
    let (known, _) = known.ok_or(ApiErrorCode::NotFound)?;
    let command = RequestRefund {
        payment_id: payment.0,
        amount: request.amount.map(|amount| amount.parse("amount")).transpose()?,
        units: request.units.into_iter().collect::<BTreeSet<_>>(),
        used: services.hotspot.used_units(known.order_id).await?,
        even_if_used: request.even_if_used,
        way: request.way.map(Into::into),
        reason: request.reason,
        idempotency: key,
    };
    let id = services.billing.request_refund(&context.origin, command).await?;
    Ok(Answer::created(shown(&services, id).await?, &format!("/api/v1/admin/refunds/{id}")))
}

impl From<RequestRefundError> for ApiError {
    fn from(error: RequestRefundError) -> Self {
        let said = |fr: String, en: String| FieldProblem::Said(fr, en);
        match error {
            RequestRefundError::NotFound => ApiErrorCode::NotFound.into(),
            RequestRefundError::NotSuccessful(_) => ApiErrorCode::Conflict.into(),
            RequestRefundError::TooMuch(left) => Self::new(ApiErrorCode::RefundTooLarge)
                .and_field("amount", said(format!("il reste {left}"), format!("{left} is left"))),
            RequestRefundError::NotAnAmount => Self::field("amount.amount", FieldProblem::Invalid),
            RequestRefundError::OtherCurrency => Self::field("amount.currency", FieldProblem::Invalid),
            RequestRefundError::NoSuchUnit(number) => Self::field(
                "units",
                said(
                    format!("l'accès numéro {number} n'est pas, ou n'est plus, à rembourser"),
                    format!("there is no unit {number} to give back, or not any more"),
                ),
            ),
            RequestRefundError::Used(numbers) => units_used(&numbers),
            RequestRefundError::WayMissing => Self::field("way", FieldProblem::Missing),
            RequestRefundError::NotAMultiple(step) => Self::field(
                "amount",
                said(
                    format!("la passerelle ne rembourse que des multiples de {step}"),
                    format!("the gateway pays back multiples of {step} alone"),
                ),
            ),
            RequestRefundError::CannotApprove(error) => error.into(),
            RequestRefundError::KeyReused(_) => ApiErrorCode::IdempotencyKeyReused.into(),
            RequestRefundError::Money(error) => Self::internal(error),
            RequestRefundError::Store(error) => error.into(),
        }
    }
}
