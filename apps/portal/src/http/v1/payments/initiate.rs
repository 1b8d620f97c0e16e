//! Asking for a payment.

use std::{sync::Arc, time::Duration};

use actix_web::{post, web::Data};
use billing::{
    limits::AmountRefused,
    use_cases::initiate_payment::{InitiatePayment, InitiatePaymentError},
};
use kernel::Msisdn;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{OperatorWord, PaymentDetailsView};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        idempotency::IdempotencyHeader,
        input::{Json, PathText},
        policy::{Buyer, RequestContext},
    },
};

/// How to pay.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InitiatePaymentRequest {
    /// The phone to ask, international (`+243812345678`) or national (`0812345678`).
    #[validate(length(max = 32))]
    #[schema(example = "+243812345678", max_length = 32)]
    pub phone: String,
    /// The operator of its wallet.
    pub operator: OperatorWord,
}

/// Asks a phone to pay an order.
///
/// The phone shows a prompt for its PIN; how it ends is seen in the payment. An order has at most one payment
/// under way, and a phone is asked a few times an hour at most.
#[utoipa::path(
    tag = "Payments",
    operation_id = "initiate_payment",
    request_body = InitiatePaymentRequest,
    params(
        ("order" = String, Path, description = "The order's id or number.", example = "ORD-20260117-000042"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeat with the same key and body is answered with the payment that the first one began."),
    ),
    responses(
        (status = 202, description = "The payment has begun.", body = Envelope<PaymentDetailsView>),
        (status = 404, description = "The caller has no such order."),
        (status = 409, description = "`order_not_pending` or `payment_under_way`."),
        (status = 422, description = "A value is not accepted, the gateway does not take the amount, or the idempotency key came with another body before."),
        (status = 429, description = "`too_many_payment_requests`: the phone, account or address has asked too often."),
    )
)]
#[post("/api/v1/payments/{order}/initiate")]
pub async fn initiate_payment(
    services: Data<Arc<Services>>,
    buyer: Buyer,
    context: RequestContext,
    (order, idempotency): (PathText, IdempotencyHeader),
    body: Json<InitiatePaymentRequest>,
) -> Result<Answer<PaymentDetailsView>, ApiError> {
    let key = idempotency.over(body.bytes());
    let InitiatePaymentRequest { phone, operator } = body.into_inner();
    let phone = Msisdn::parse(&phone).map_err(|_| ApiError::field("phone", FieldProblem::NotPhone))?;
    let scope = buyer.0;
    let order = services.billing.order(scope, &order.0).await?.ok_or(ApiErrorCode::NotFound)?.order;
    let command =
        InitiatePayment { scope, order_id: order.id, phone, operator: operator.into(), idempotency: key };
    let payment = services.billing.initiate_payment(&context.origin, command).await?;
    let begun = services.billing.payment(scope, payment).await?;
    let begun = begun.ok_or_else(|| ApiError::internal("a payment is gone as soon as it was begun"))?;
    Ok(Answer::accepted(
        PaymentDetailsView::of(begun, context.locale),
        &format!("/api/v1/payments/{payment}"),
    ))
}

impl From<InitiatePaymentError> for ApiError {
    fn from(error: InitiatePaymentError) -> Self {
        match error {
            InitiatePaymentError::NotFound => ApiErrorCode::NotFound.into(),
            InitiatePaymentError::NotPayable(_) => ApiErrorCode::OrderNotPending.into(),
            InitiatePaymentError::PaymentUnderWay => ApiErrorCode::PaymentUnderWay.into(),
            InitiatePaymentError::Amount(refused) => {
                Self::new(ApiErrorCode::AmountNotAccepted).and_field("operator", amount_problem(&refused))
            }
            InitiatePaymentError::TooManyPushes { retry_after } => {
                let wait = retry_after.to_std().unwrap_or(Duration::from_secs(3600));
                Self::new(ApiErrorCode::TooManyPaymentRequests).retry_after(wait)
            }
            InitiatePaymentError::KeyReused(_) => ApiErrorCode::IdempotencyKeyReused.into(),
            InitiatePaymentError::Store(error) => error.into(),
        }
    }
}

fn amount_problem(refused: &AmountRefused) -> FieldProblem {
    let (fr, en) = match refused {
        AmountRefused::TooSmall(min) => {
            (format!("n'accepte pas moins de {min}"), format!("does not take less than {min}"))
        }
        AmountRefused::TooLarge(max) => {
            (format!("n'accepte pas plus de {max}"), format!("does not take more than {max}"))
        }
        AmountRefused::NotAMultiple(step) => {
            (format!("n'accepte que des multiples de {step}"), format!("takes multiples of {step} alone"))
        }
        AmountRefused::NotServed(currency) => {
            (format!("n'est pas disponible en {currency}"), format!("is not available in {currency}"))
        }
    };
    FieldProblem::Said(fr, en)
}
