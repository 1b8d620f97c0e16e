//! Everybody's payments.

use billing::{
    Payment,
    queries::{PaymentFilter, PaymentMoveView as Move},
    use_cases::decide_payment::DecidePaymentError,
};
use kernel::Msisdn;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::OwnerQuery;
use crate::http::{
    error::{ApiError, ApiErrorCode, FieldProblem},
    v1::payments::{PaymentMoveView, PaymentQuery, PaymentView},
};

pub mod confirm;
pub mod export;
pub mod list;
pub mod reject;
pub mod show;
pub mod totals;

/// A payment, with what staff need to follow it up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdminPayment)]
pub struct AdminPaymentView {
    /// The payment itself.
    #[serde(flatten)]
    pub payment: PaymentView,
    /// The account that asked for it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    pub user_id: Option<Uuid>,
    /// The gateway it went through, or the name of our own means.
    #[schema(example = "serdipay")]
    pub gateway: String,
    /// Our name for it towards the gateway.
    #[schema(example = "7f4f8c1e-5b0a-4c6d-9a51-0d5f6a7b8c9d")]
    pub reference: Uuid,
    /// The gateway's name for it.
    #[schema(example = "700000042")]
    pub provider_ref: Option<String>,
    /// The phone that was asked, whole; null where none was.
    #[schema(example = "+243812345678")]
    pub full_phone: Option<String>,
}

/// A payment with everything that has happened to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdminPaymentDetails)]
pub struct AdminPaymentDetailsView {
    /// The payment itself.
    #[serde(flatten)]
    pub payment: AdminPaymentView,
    /// Its moves, oldest first.
    pub moves: Vec<AdminPaymentMoveView>,
}

/// A change of a payment's status, with who made it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdminPaymentMove)]
pub struct AdminPaymentMoveView {
    /// The change itself.
    #[serde(flatten)]
    pub change: PaymentMoveView,
    /// Who made it.
    #[schema(example = "system:gateway")]
    pub by: String,
    /// What a person's decision rests on.
    #[schema(example = json!(null))]
    pub evidence: Option<String>,
}

impl From<Payment> for AdminPaymentView {
    fn from(payment: Payment) -> Self {
        Self {
            user_id: payment.user_id.map(|user| user.as_uuid()),
            gateway: payment.gateway.clone(),
            reference: payment.reference,
            provider_ref: payment.provider_ref.clone(),
            full_phone: payment.phone().map(Msisdn::to_string),
            payment: payment.into(),
        }
    }
}

impl From<(Payment, Vec<Move>)> for AdminPaymentDetailsView {
    fn from((payment, moves): (Payment, Vec<Move>)) -> Self {
        let moves = moves.into_iter().map(|change| AdminPaymentMoveView {
            by: change.by.clone(),
            evidence: change.evidence.clone(),
            change: change.into(),
        });
        Self { payment: payment.into(), moves: moves.collect() }
    }
}

impl From<DecidePaymentError> for ApiError {
    fn from(error: DecidePaymentError) -> Self {
        match error {
            DecidePaymentError::NotFound => ApiErrorCode::NotFound.into(),
            DecidePaymentError::NotWaiting(_) => ApiErrorCode::PaymentNotWaiting.into(),
            DecidePaymentError::OtherCurrency => Self::field("received.currency", FieldProblem::Invalid),
            DecidePaymentError::NotAnAmount => Self::field("received.amount", FieldProblem::Invalid),
            DecidePaymentError::Store(error) => error.into(),
        }
    }
}

fn filter(query: PaymentQuery, owner: &OwnerQuery) -> PaymentFilter {
    PaymentFilter { user_id: owner.user_id.map(kernel::Id::from_uuid), ..query.into() }
}
