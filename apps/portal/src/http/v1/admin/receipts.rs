//! Everybody's receipts.

use billing::queries::receipts::ReceiptFilter;
use chrono::{DateTime, Utc};
use kernel::Id;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use validator::Validate;

pub mod export;
pub mod list;
pub mod print;

/// Which receipts to list.
#[derive(Debug, Default, Clone, Copy, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ReceiptQuery {
    /// Only of this site.
    #[param(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e95")]
    pub site_id: Option<Uuid>,
    /// Only issued at this moment or later.
    #[param(example = "2026-01-17T00:00:00Z")]
    pub from: Option<DateTime<Utc>>,
    /// Only issued before this moment.
    #[param(example = "2026-01-18T00:00:00Z")]
    pub to: Option<DateTime<Utc>>,
}

impl From<ReceiptQuery> for ReceiptFilter {
    fn from(query: ReceiptQuery) -> Self {
        Self { site_id: query.site_id.map(Id::from_uuid), from: query.from, to: query.to }
    }
}
