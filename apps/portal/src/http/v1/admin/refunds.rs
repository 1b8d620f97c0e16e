//! Money that goes back to customers.

use billing::{
    queries::refunds::{RefundFilter, RefundMoveView as Move},
    refund::{Refund, RefundStatus, RefundWay},
};
use chrono::{DateTime, Utc};
use kernel::{Id, id::ids::RefundId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        error::{ApiError, ApiErrorCode, FieldProblem},
        money::MoneyView,
    },
};

pub mod approve;
pub mod decide;
pub mod list;
pub mod request;
pub mod show;

/// Money of a payment that goes back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Refund)]
pub struct RefundView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3ea0")]
    pub id: Uuid,
    /// The payment whose money it is.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e93")]
    pub payment_id: Uuid,
    /// That payment's order.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    pub order_id: Uuid,
    /// Where it stands.
    pub status: RefundStatusWord,
    /// How much, tax included.
    pub amount: MoneyView,
    /// The tax in it.
    pub tax: MoneyView,
    /// How it goes back.
    pub way: RefundWayWord,
    /// The numbers of the order's units that are not owed any more with it.
    #[schema(example = json!([2]))]
    pub units: Vec<u32>,
    /// Whether they are given back though they were used.
    #[schema(example = false)]
    pub even_if_used: bool,
    /// Why, in the words of whoever asked for it.
    #[schema(example = "The router of the site was down all day")]
    pub reason: String,
    /// Who asked for it.
    #[schema(example = "user:0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    pub requested_by: String,
    /// Our name for it towards the gateway.
    #[schema(example = "7f4f8c1e-5b0a-4c6d-9a51-0d5f6a7b8c9d")]
    pub reference: Uuid,
    /// The gateway's name for it.
    #[schema(example = "800000042")]
    pub provider_ref: Option<String>,
    /// When it was asked for.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub created_at: DateTime<Utc>,
    /// When it came to an end.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub settled_at: Option<DateTime<Utc>>,
}

/// A refund with everything that has happened to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RefundDetails)]
pub struct RefundDetailsView {
    /// The refund itself.
    #[serde(flatten)]
    pub refund: RefundView,
    /// Its moves, oldest first.
    pub moves: Vec<RefundMoveView>,
}

/// A change of a refund's status, with who made it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RefundMove)]
pub struct RefundMoveView {
    /// From this status.
    pub from: RefundStatusWord,
    /// To this.
    pub to: RefundStatusWord,
    /// Why, as a stable word.
    #[schema(example = "confirmed_by_gateway")]
    pub reason: String,
    /// Who made it.
    #[schema(example = "system:gateway")]
    pub by: String,
    /// What a person's word rests on, or what the gateway said.
    #[schema(example = json!(null))]
    pub evidence: Option<String>,
    /// When.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub at: DateTime<Utc>,
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RefundStatus, example = "pending")]
#[serde(rename_all = "snake_case")]
pub enum RefundStatusWord {
    /// Asked for; a second person has to approve it.
    Requested,
    /// To be paid out, by the gateway or by staff.
    Approved,
    /// The gateway is being called.
    Submitting,
    /// The gateway has it.
    Pending,
    /// Nobody can tell whether the gateway has it.
    Unknown,
    /// The money has gone back.
    Success,
    /// The money has not gone back, and will not in this way.
    Failed,
    /// It was not approved.
    Rejected,
}

/// How money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RefundWay, example = "gateway")]
#[serde(rename_all = "snake_case")]
pub enum RefundWayWord {
    /// The gateway that has collected it pays it into the wallet that has paid.
    Gateway,
    /// Staff pay it in cash, and confirm it.
    Cash,
    /// Staff pay it out of the account at the gateway, by its own pages, and confirm it.
    Transfer,
    /// It becomes credit of the customer.
    Credit,
    /// It goes into the wallet of the agent who has sold, who gives it to the customer.
    AgentWallet,
}

/// Which refunds to list.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct RefundQuery {
    /// Only with this status.
    pub status: Option<RefundStatusWord>,
    /// Only of this payment.
    pub payment_id: Option<Uuid>,
    /// Only of this order.
    pub order_id: Option<Uuid>,
    /// Only asked for at this moment or later.
    #[param(example = "2026-01-17T12:00:00Z")]
    pub from: Option<DateTime<Utc>>,
    /// Only asked for before this moment.
    #[param(example = "2026-01-17T12:00:00Z")]
    pub to: Option<DateTime<Utc>>,
}

impl From<RefundQuery> for RefundFilter {
    fn from(query: RefundQuery) -> Self {
        let RefundQuery { status, payment_id, order_id, from, to } = query;
        let (payment_id, order_id) = (payment_id.map(Id::from_uuid), order_id.map(Id::from_uuid));
        Self { payment_id, order_id, status: status.map(RefundStatus::from), from, to }
    }
}

impl From<Refund> for RefundView {
    fn from(refund: Refund) -> Self {
        Self {
            id: refund.id.as_uuid(),
            payment_id: refund.payment_id.as_uuid(),
            order_id: refund.order_id.as_uuid(),
            status: refund.status.into(),
            amount: refund.amount.into(),
            tax: refund.tax.into(),
            way: refund.way.into(),
            units: refund.units,
            even_if_used: refund.even_if_used,
            reason: refund.reason,
            requested_by: refund.requested_by,
            reference: refund.reference,
            provider_ref: refund.provider_ref,
            created_at: refund.created_at,
            settled_at: refund.settled_at,
        }
    }
}

impl From<(Refund, Vec<Move>)> for RefundDetailsView {
    fn from((refund, moves): (Refund, Vec<Move>)) -> Self {
        let moves = moves.into_iter().map(|change| RefundMoveView {
            from: change.from.into(),
            to: change.to.into(),
            reason: change.reason,
            by: change.by,
            evidence: change.evidence,
            at: change.at,
        });
        Self { refund: refund.into(), moves: moves.collect() }
    }
}

/// Some of the units that a refund withdraws were used.
fn units_used(numbers: &[u32]) -> ApiError {
    let list = numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let said = (format!("ont servi : {list}"), format!("were used: {list}"));
    ApiError::new(ApiErrorCode::UnitsUsed).and_field("units", FieldProblem::Said(said.0, said.1))
}

/// A refund as it stands now.
async fn shown(services: &Services, id: RefundId) -> Result<RefundDetailsView, ApiError> {
    let refund = services.billing.refund(id).await?;
    Ok(refund.ok_or(ApiErrorCode::NotFound)?.into())
}

impl From<RefundStatus> for RefundStatusWord {
    fn from(status: RefundStatus) -> Self {
        match status {
            RefundStatus::Requested => Self::Requested,
            RefundStatus::Approved => Self::Approved,
            RefundStatus::Submitting => Self::Submitting,
            RefundStatus::Pending => Self::Pending,
            RefundStatus::Unknown => Self::Unknown,
            RefundStatus::Success => Self::Success,
            RefundStatus::Failed => Self::Failed,
            RefundStatus::Rejected => Self::Rejected,
        }
    }
}

impl From<RefundStatusWord> for RefundStatus {
    fn from(word: RefundStatusWord) -> Self {
        match word {
            RefundStatusWord::Requested => Self::Requested,
            RefundStatusWord::Approved => Self::Approved,
            RefundStatusWord::Submitting => Self::Submitting,
            RefundStatusWord::Pending => Self::Pending,
            RefundStatusWord::Unknown => Self::Unknown,
            RefundStatusWord::Success => Self::Success,
            RefundStatusWord::Failed => Self::Failed,
            RefundStatusWord::Rejected => Self::Rejected,
        }
    }
}

impl From<RefundWay> for RefundWayWord {
    fn from(way: RefundWay) -> Self {
        match way {
            RefundWay::Gateway => Self::Gateway,
            RefundWay::Cash => Self::Cash,
            RefundWay::Transfer => Self::Transfer,
            RefundWay::Credit => Self::Credit,
            RefundWay::AgentWallet => Self::AgentWallet,
        }
    }
}

impl From<RefundWayWord> for RefundWay {
    fn from(word: RefundWayWord) -> Self {
        match word {
            RefundWayWord::Gateway => Self::Gateway,
            RefundWayWord::Cash => Self::Cash,
            RefundWayWord::Transfer => Self::Transfer,
            RefundWayWord::Credit => Self::Credit,
            RefundWayWord::AgentWallet => Self::AgentWallet,
        }
    }
}
