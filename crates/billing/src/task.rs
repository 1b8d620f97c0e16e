//! Tasks: what a person has to look at.

use kernel::{
    Timestamp,
    events::alert::Severity,
    id::ids::{OrderId, PaymentId, TaskId},
};

/// Why a person has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskKind {
    /// Success is claimed with something wrong about it.
    PaymentHeld,
    /// Nobody could tell in time what became of a payment.
    PaymentUnknown,
    /// An order was paid twice; the customer has credit.
    DuplicatePayment,
    /// A statement says something else about a payment than we do.
    StatementMismatch,
    /// Nobody can tell whether a refund has been paid out.
    RefundUnknown,
    /// A refund waits for a second person's word.
    RefundToApprove,
    /// An approved refund waits for staff to pay it out and to say so.
    RefundToPay,
    /// A refund was not paid out, and the customer has a right to the money.
    RefundFailed,
    /// The gateway says something else about a refund than we have written down.
    RefundContradicted,
}

impl TaskKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::PaymentHeld,
        Self::PaymentUnknown,
        Self::DuplicatePayment,
        Self::StatementMismatch,
        Self::RefundUnknown,
        Self::RefundToApprove,
        Self::RefundToPay,
        Self::RefundFailed,
        Self::RefundContradicted,
    ];

    /// Whether a closed task is opened again for the same reason: a payment may have many refunds.
    #[must_use]
    pub const fn comes_again(self) -> bool {
        match self {
            Self::RefundUnknown
            | Self::RefundToApprove
            | Self::RefundToPay
            | Self::RefundFailed
            | Self::RefundContradicted => true,
            Self::PaymentHeld | Self::PaymentUnknown | Self::DuplicatePayment | Self::StatementMismatch => {
                false
            }
        }
    }

    /// How loudly it calls. Whoever pays out what they have just asked for themselves is not alarmed: the task is enough.
    #[must_use]
    pub const fn alarm(self) -> Option<Severity> {
        match self {
            Self::RefundToPay => None,
            Self::RefundToApprove => Some(Severity::Low),
            Self::PaymentHeld
            | Self::PaymentUnknown
            | Self::DuplicatePayment
            | Self::StatementMismatch
            | Self::RefundUnknown
            | Self::RefundFailed
            | Self::RefundContradicted => Some(Severity::High),
        }
    }

    /// The kind as it is stored; also the code of its alert, if it has one.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentHeld => "payment_held",
            Self::PaymentUnknown => "payment_unknown",
            Self::DuplicatePayment => "duplicate_payment",
            Self::StatementMismatch => "statement_mismatch",
            Self::RefundUnknown => "refund_unknown",
            Self::RefundToApprove => "refund_to_approve",
            Self::RefundToPay => "refund_to_pay",
            Self::RefundFailed => "refund_failed",
            Self::RefundContradicted => "refund_contradicted",
        }
    }

    /// Reads a stored kind.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Something a person has to look at. There is at most one of a kind for a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Names it.
    pub id: TaskId,
    /// Why.
    pub kind: TaskKind,
    /// The payment it is about.
    pub payment_id: PaymentId,
    /// That payment's order.
    pub order_id: OrderId,
    /// One English sentence.
    pub message: String,
    /// Since when.
    pub opened_at: Timestamp,
    /// Until when.
    pub closed_at: Option<Timestamp>,
}
