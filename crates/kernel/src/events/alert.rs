//! What staff must know at once.

use serde::{Deserialize, Serialize};

use super::fact;
use crate::id::{Id, of};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Look at it today.
    Medium,
    /// Look at it now.
    High,
    /// Drop everything.
    Critical,
}

/// Something needs a person. Until somebody consumes it, it is a log line and a line of `portal status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRaised {
    /// What it is about: the payment, order, hotspot user or delivery.
    pub subject_id: Id<of::Task>,
    /// A stable name for this kind of alert, such as `payment_held`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// One English sentence.
    pub message: String,
    /// The order it concerns.
    pub order_id: Option<Id<of::Order>>,
}
fact!(AlertRaised, about "alert" = subject_id, story = |alert| alert.order_id.map(|order| order.as_uuid()));
