//! What a person has to look at.

use billing::task::Task;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub mod close;
pub mod list;

/// Something a person has to look at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewTask)]
pub struct ReviewTaskView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e97")]
    pub id: Uuid,
    /// Why: `payment_held`, `payment_unknown`, `duplicate_payment`, `statement_mismatch`, `refund_to_approve`,
    /// `refund_to_pay`, `refund_unknown`, `refund_failed` or `refund_contradicted`.
    #[schema(example = "payment_held")]
    pub kind: &'static str,
    /// The payment it is about.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e93")]
    pub payment_id: Uuid,
    /// That payment's order.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    pub order_id: Uuid,
    /// One English sentence.
    #[schema(example = "payment 0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e93 is held: amount_mismatch")]
    pub message: String,
    /// Since when.
    #[schema(example = "2026-01-17T12:00:00Z")]
    pub opened_at: DateTime<Utc>,
}

impl From<Task> for ReviewTaskView {
    fn from(task: Task) -> Self {
        Self {
            id: task.id.as_uuid(),
            kind: task.kind.as_str(),
            payment_id: task.payment_id.as_uuid(),
            order_id: task.order_id.as_uuid(),
            message: task.message,
            opened_at: task.opened_at,
        }
    }
}
