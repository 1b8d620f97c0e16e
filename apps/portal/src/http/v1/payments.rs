//! The caller's own payments, and the door for gateways.

use billing::{
    Operator, Payment, PaymentStatus,
    payment::Means,
    queries::{PaymentFilter, PaymentMoveView as Move},
    reason::FailureReason,
};
use chrono::{DateTime, Utc};
use kernel::{Locale, Msisdn};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::http::money::MoneyView;

pub mod callback;
pub mod credit;
pub mod initiate;
pub mod list;
pub mod show;

/// One attempt to pay an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Payment)]
pub struct PaymentView {
    /// Names the payment.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e93")]
    pub id: Uuid,
    /// The order it pays.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    pub order_id: Uuid,
    /// Where it stands.
    pub status: PaymentStatusWord,
    /// How much.
    pub amount: MoneyView,
    /// How much of it has gone back, or is on its way or meant to be.
    pub refunded: MoneyView,
    /// How it is made.
    pub means: MeansWord,
    /// The phone that is asked to pay, its middle hidden; null where none is.
    #[schema(example = "+24381…78")]
    pub phone: Option<String>,
    /// The operator of its wallet; null where no wallet is asked.
    #[schema(example = "MP")]
    pub operator: Option<OperatorWord>,
    /// Why it failed or waits, as a stable word.
    #[schema(example = "declined")]
    pub reason: Option<String>,
    /// Whether its success came after it had been given up.
    #[schema(example = false)]
    pub late: bool,
    /// When it was asked for.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub created_at: DateTime<Utc>,
    /// The customer's time to pay ends then.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub expires_at: DateTime<Utc>,
    /// When it came to an end.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub settled_at: Option<DateTime<Utc>>,
}

/// A payment with everything that has happened to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentDetails)]
pub struct PaymentDetailsView {
    /// The payment itself.
    #[serde(flatten)]
    pub payment: PaymentView,
    /// Why it failed and what to do, for people, in the caller's language.
    #[schema(example = "Le solde du portefeuille est insuffisant.")]
    pub explanation: Option<String>,
    /// Its moves, oldest first.
    pub moves: Vec<PaymentMoveView>,
}

/// A change of a payment's status.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentMove)]
pub struct PaymentMoveView {
    /// From this status.
    pub from: PaymentStatusWord,
    /// To this.
    pub to: PaymentStatusWord,
    /// Why, as a stable word.
    #[schema(example = "confirmed_by_gateway")]
    pub reason: String,
    /// When.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub at: DateTime<Utc>,
}

/// A mobile money operator: Airtel Money, Orange Money, M-Pesa, Afrimoney.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Operator, example = "MP")]
pub enum OperatorWord {
    /// Airtel Money.
    #[serde(rename = "AM")]
    Airtel,
    /// Orange Money.
    #[serde(rename = "OM")]
    Orange,
    /// M-Pesa.
    #[serde(rename = "MP")]
    Mpesa,
    /// Afrimoney.
    #[serde(rename = "AF")]
    Afrimoney,
}

/// How a payment is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Means, example = "mobile_money")]
#[serde(rename_all = "snake_case")]
pub enum MeansWord {
    /// A gateway asks a phone's wallet.
    MobileMoney,
    /// From the customer's credit.
    Credit,
    /// With a voucher.
    Voucher,
    /// By an agent, over the counter.
    Agent,
}

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentStatus, example = "pending")]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatusWord {
    /// Written down; the gateway has not been called.
    Created,
    /// The gateway is being called.
    Submitting,
    /// The gateway waits for the customer's PIN.
    Pending,
    /// Nobody can tell whether the gateway has it.
    Unknown,
    /// Something is wrong about it: a person decides.
    Held,
    /// The money has arrived.
    Success,
    /// The gateway said no.
    Failed,
    /// The time to pay is over.
    Expired,
    /// Given up before it was sent.
    Cancelled,
}

/// Which payments to list.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PaymentQuery {
    /// Only with this status.
    pub status: Option<PaymentStatusWord>,
    /// Only of this order.
    pub order_id: Option<Uuid>,
    /// Only asked for at this moment or later.
    #[param(example = "2026-01-17T12:00:00Z")]
    pub from: Option<DateTime<Utc>>,
    /// Only asked for before this moment.
    #[param(example = "2026-01-17T12:00:00Z")]
    pub to: Option<DateTime<Utc>>,
}

impl From<PaymentQuery> for PaymentFilter {
    fn from(query: PaymentQuery) -> Self {
        let PaymentQuery { status, order_id, from, to } = query;
        let order_id = order_id.map(kernel::Id::from_uuid);
        Self { user_id: None, order_id, status: status.map(PaymentStatus::from), from, to }
    }
}

impl From<Payment> for PaymentView {
    fn from(payment: Payment) -> Self {
        Self {
            id: payment.id.as_uuid(),
            order_id: payment.order_id.as_uuid(),
            status: payment.status.into(),
            amount: payment.amount.into(),
            refunded: payment.refunded.into(),
            means: payment.means().into(),
            phone: payment.phone().map(Msisdn::masked),
            operator: payment.wallet.map(|wallet| wallet.operator.into()),
            reason: payment.reason,
            late: payment.late,
            created_at: payment.created_at,
            expires_at: payment.expires_at,
            settled_at: payment.settled_at,
        }
    }
}

impl PaymentDetailsView {
    /// A payment and its moves, for a reader of this language.
    fn of((payment, moves): (Payment, Vec<Move>), locale: Locale) -> Self {
        let reason = payment.reason.as_deref().and_then(FailureReason::parse);
        Self {
            payment: payment.into(),
            explanation: reason.map(|reason| reason.sentence(locale).to_owned()),
            moves: moves.into_iter().map(PaymentMoveView::from).collect(),
        }
    }
}

impl From<Move> for PaymentMoveView {
    fn from(change: Move) -> Self {
        Self { from: change.from.into(), to: change.to.into(), reason: change.reason, at: change.at }
    }
}

impl From<Means> for MeansWord {
    fn from(means: Means) -> Self {
        match means {
            Means::MobileMoney => Self::MobileMoney,
            Means::Credit => Self::Credit,
            Means::Voucher => Self::Voucher,
            Means::Agent => Self::Agent,
        }
    }
}

impl From<Operator> for OperatorWord {
    fn from(operator: Operator) -> Self {
        match operator {
            Operator::Airtel => Self::Airtel,
            Operator::Orange => Self::Orange,
            Operator::Mpesa => Self::Mpesa,
            Operator::Afrimoney => Self::Afrimoney,
        }
    }
}

impl From<OperatorWord> for Operator {
    fn from(word: OperatorWord) -> Self {
        match word {
            OperatorWord::Airtel => Self::Airtel,
            OperatorWord::Orange => Self::Orange,
            OperatorWord::Mpesa => Self::Mpesa,
            OperatorWord::Afrimoney => Self::Afrimoney,
        }
    }
}

impl From<PaymentStatus> for PaymentStatusWord {
    fn from(status: PaymentStatus) -> Self {
        match status {
            PaymentStatus::Created => Self::Created,
            PaymentStatus::Submitting => Self::Submitting,
            PaymentStatus::Pending => Self::Pending,
            PaymentStatus::Unknown => Self::Unknown,
            PaymentStatus::Held => Self::Held,
            PaymentStatus::Success => Self::Success,
            PaymentStatus::Failed => Self::Failed,
            PaymentStatus::Expired => Self::Expired,
            PaymentStatus::Cancelled => Self::Cancelled,
        }
    }
}

impl From<PaymentStatusWord> for PaymentStatus {
    fn from(word: PaymentStatusWord) -> Self {
        match word {
            PaymentStatusWord::Created => Self::Created,
            PaymentStatusWord::Submitting => Self::Submitting,
            PaymentStatusWord::Pending => Self::Pending,
            PaymentStatusWord::Unknown => Self::Unknown,
            PaymentStatusWord::Held => Self::Held,
            PaymentStatusWord::Success => Self::Success,
            PaymentStatusWord::Failed => Self::Failed,
            PaymentStatusWord::Expired => Self::Expired,
            PaymentStatusWord::Cancelled => Self::Cancelled,
        }
    }
}
