//! Paying with one's credit.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::{
    queries::Scope,
    use_cases::pay_with_credit::{PayWithCredit, PayWithCreditError},
};

use super::PaymentDetailsView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        idempotency::IdempotencyHeader,
        input::PathText,
        policy::{Caller, RequestContext},
    },
};

/// Pays an order with the caller's credit.
///
/// The order is paid at once, and in full: there has to be as much credit as it costs. `GET /me/credit` says how much
/// there is.
#[utoipa::path(
    tag = "Payments",
    operation_id = "pay_with_credit",
    params(
        ("order" = String, Path, description = "The order's id or number.", example = "ORD-20260117-000042"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeat with the same key is answered with the payment that the first one made."),
    ),
    responses(
        (status = 201, description = "The payment, which has succeeded.", body = Envelope<PaymentDetailsView>),
        (status = 404, description = "The caller has no such order."),
        (status = 409, description = "`order_not_pending`, `payment_under_way` or `not_enough_credit`."),
    )
)]
#[post("/api/v1/payments/{order}/credit")]
pub async fn pay_with_credit(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    (order, idempotency): (PathText, IdempotencyHeader),
) -> Result<Answer<PaymentDetailsView>, ApiError> {
    let (user_id, scope) = (caller.0.user_id, Scope::Own(caller.0.user_id));
    let order_id = services.billing.order(scope, &order.0).await?.ok_or(ApiErrorCode::NotFound)?.order.id;
    let command = PayWithCredit { user_id, order_id, idempotency: idempotency.over(b"") };
    let payment = services.billing.pay_with_credit(&context.origin, command).await?;
    let paid = services.billing.payment(scope, payment).await?;
    let paid = paid.ok_or_else(|| ApiError::internal("a payment is gone as soon as it was made"))?;
    let at = format!("/api/v1/payments/{payment}");
    Ok(Answer::created(PaymentDetailsView::of(paid, context.locale), &at))
}

impl From<PayWithCreditError> for ApiError {
    fn from(error: PayWithCreditError) -> Self {
        match error {
            PayWithCreditError::NotFound => ApiErrorCode::NotFound.into(),
            PayWithCreditError::NotPayable(_) => ApiErrorCode::OrderNotPending.into(),
            PayWithCreditError::PaymentUnderWay => ApiErrorCode::PaymentUnderWay.into(),
            PayWithCreditError::NotEnough(available) => {
                let said =
                    (format!("votre crédit est de {available}"), format!("your credit is {available}"));
                Self::new(ApiErrorCode::NotEnoughCredit)
                    .and_field("order", FieldProblem::Said(said.0, said.1))
            }
            PayWithCreditError::KeyReused(_) => ApiErrorCode::IdempotencyKeyReused.into(),
            PayWithCreditError::Store(error) => error.into(),
        }
    }
}
