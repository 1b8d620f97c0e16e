//! Batches of vouchers.

use billing::{
    queries::vouchers::{BatchFilter, BatchView},
    use_cases::manage_vouchers::ManageVouchersError,
    voucher::{BatchStatus, Voucher, VoucherStatus},
};
use chrono::{DateTime, Utc};
use kernel::Id;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::http::{
    error::{ApiError, ApiErrorCode, FieldProblem},
    money::MoneyView,
};

pub mod change;
pub mod issue;
pub mod list;
pub mod print;
pub mod show;
pub mod vouchers;

/// Vouchers that were made together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VoucherBatch)]
pub struct VoucherBatchView {
    /// Names the batch.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e95")]
    id: Uuid,
    /// What staff call it.
    #[schema(example = "Kiosque Gombe, janvier")]
    name: String,
    /// Which package it was.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e91")]
    user_profile_id: Uuid,
    /// The package's name, as it was then.
    #[schema(example = "1DAY")]
    user_profile_name: String,
    /// What one voucher is sold for.
    price: MoneyView,
    /// The site that the vouchers are for; null for any.
    #[schema(example = json!(null))]
    site_id: Option<Uuid>,
    /// The router that they are for; null for the site's default one.
    #[schema(example = json!(null))]
    router_id: Option<Uuid>,
    /// What stands before each code.
    #[schema(example = "GMB")]
    prefix: String,
    /// How many vouchers there are.
    #[schema(example = 500, minimum = 1, maximum = 10000)]
    count: u32,
    /// How many were redeemed.
    #[schema(example = 120)]
    redeemed: u32,
    /// How many were revoked one by one.
    #[schema(example = 1)]
    revoked: u32,
    /// The agent who has taken them, to sell them on.
    #[schema(example = json!(null))]
    agent_id: Option<Uuid>,
    /// What may be done with them.
    status: BatchStatusWord,
    /// They can be redeemed before this moment; null for ever.
    #[schema(example = "2026-12-31T22:59:59Z")]
    expires_at: Option<DateTime<Utc>>,
    /// How often the codes were given out to be printed.
    #[schema(example = 1)]
    prints: u32,
    /// When they were made.
    #[schema(example = "2026-01-17T12:00:00Z")]
    created_at: DateTime<Utc>,
}

/// One voucher, without its code.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Voucher)]
pub struct VoucherView {
    /// Names the voucher.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e96")]
    id: Uuid,
    /// Its place in the batch, which is printed on it.
    #[schema(example = 17, minimum = 1)]
    number: u32,
    /// Where it stands by itself; its batch may be suspended, revoked or expired besides.
    status: VoucherStatusWord,
    /// The order that it has paid.
    #[schema(example = json!(null))]
    order_id: Option<Uuid>,
    /// When it was redeemed.
    #[schema(example = json!(null))]
    redeemed_at: Option<DateTime<Utc>>,
}

/// What may be done with the vouchers of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = VoucherBatchStatus, example = "active")]
#[serde(rename_all = "snake_case")]
pub enum BatchStatusWord {
    /// They can be redeemed.
    Active,
    /// They cannot be redeemed for now.
    Suspended,
    /// They can never be redeemed any more.
    Revoked,
}

/// Where a voucher stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = VoucherStatus, example = "issued")]
#[serde(rename_all = "snake_case")]
pub enum VoucherStatusWord {
    /// It was not redeemed.
    Issued,
    /// It was redeemed.
    Redeemed,
    /// It can never be redeemed.
    Revoked,
}

/// Which batches to list.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct VoucherBatchQuery {
    /// Only with this status.
    #[param(inline)]
    pub status: Option<BatchStatusWord>,
    /// Only of this package.
    pub user_profile_id: Option<Uuid>,
    /// Only for this site.
    pub site_id: Option<Uuid>,
    /// Only made at this moment or later.
    #[param(example = "2026-01-17T12:00:00Z")]
    pub from: Option<DateTime<Utc>>,
    /// Only made before this moment.
    #[param(example = "2026-01-18T12:00:00Z")]
    pub to: Option<DateTime<Utc>>,
}

/// Whose batches to list.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct TakenByQuery {
    /// Only those that this agent has taken.
    #[param(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e97")]
    pub agent_id: Option<Uuid>,
}

impl From<VoucherBatchQuery> for BatchFilter {
    fn from(query: VoucherBatchQuery) -> Self {
        let VoucherBatchQuery { status, user_profile_id, site_id, from, to } = query;
        Self {
            status: status.map(BatchStatus::from),
            package_id: user_profile_id.map(Id::from_uuid),
            site_id: site_id.map(Id::from_uuid),
            agent_id: None,
            from,
            to,
        }
    }
}

impl From<BatchView> for VoucherBatchView {
    fn from(BatchView { batch, redeemed, revoked }: BatchView) -> Self {
        Self {
            id: batch.id.as_uuid(),
            name: batch.name,
            user_profile_id: batch.package_id.as_uuid(),
            user_profile_name: batch.package.name,
            price: batch.price.into(),
            site_id: batch.place.map(|place| place.site_id.as_uuid()),
            router_id: batch.place.and_then(|place| place.router_id).map(|id| id.as_uuid()),
            prefix: batch.prefix,
            count: batch.count,
            redeemed,
            revoked,
            agent_id: batch.agent_id.map(|agent| agent.as_uuid()),
            status: batch.status.into(),
            expires_at: batch.expires_at,
            prints: batch.prints,
            created_at: batch.created_at,
        }
    }
}

impl From<Voucher> for VoucherView {
    fn from(voucher: Voucher) -> Self {
        Self {
            id: voucher.id.as_uuid(),
            number: voucher.number,
            status: voucher.status.into(),
            order_id: voucher.order_id.map(|order| order.as_uuid()),
            redeemed_at: voucher.redeemed_at,
        }
    }
}

impl From<BatchStatus> for BatchStatusWord {
    fn from(status: BatchStatus) -> Self {
        match status {
            BatchStatus::Active => Self::Active,
            BatchStatus::Suspended => Self::Suspended,
            BatchStatus::Revoked => Self::Revoked,
        }
    }
}

impl From<BatchStatusWord> for BatchStatus {
    fn from(word: BatchStatusWord) -> Self {
        match word {
            BatchStatusWord::Active => Self::Active,
            BatchStatusWord::Suspended => Self::Suspended,
            BatchStatusWord::Revoked => Self::Revoked,
        }
    }
}

impl From<VoucherStatus> for VoucherStatusWord {
    fn from(status: VoucherStatus) -> Self {
        match status {
            VoucherStatus::Issued => Self::Issued,
            VoucherStatus::Redeemed => Self::Redeemed,
            VoucherStatus::Revoked => Self::Revoked,
        }
    }
}

impl From<VoucherStatusWord> for VoucherStatus {
    fn from(word: VoucherStatusWord) -> Self {
        match word {
            VoucherStatusWord::Issued => Self::Issued,
            VoucherStatusWord::Redeemed => Self::Redeemed,
            VoucherStatusWord::Revoked => Self::Revoked,
        }
    }
}

impl From<ManageVouchersError> for ApiError {
    fn from(error: ManageVouchersError) -> Self {
        match error {
            ManageVouchersError::NotFound => ApiErrorCode::NotFound.into(),
            ManageVouchersError::State(_) => ApiErrorCode::VoucherRevoked.into(),
            ManageVouchersError::VoucherOver => ApiErrorCode::VoucherOver.into(),
            ManageVouchersError::NoSuchNumber(count) => {
                Self::field("first", FieldProblem::OutOfRange(Some("1".to_owned()), Some(count.to_string())))
            }
            ManageVouchersError::ReasonMissing => Self::field("reason", FieldProblem::Missing),
            ManageVouchersError::Seal(error) => Self::internal(error),
            ManageVouchersError::Store(error) => error.into(),
        }
    }
}
