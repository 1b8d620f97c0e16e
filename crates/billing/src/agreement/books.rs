//! What each of the three books says of a day.

use std::collections::BTreeSet;

use kernel::{
    Money, Timestamp,
    id::ids::{PaymentId, StatementLineId},
};

/// A payment as its own row tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedPayment {
    /// Which.
    pub id: PaymentId,
    /// Its gateway.
    pub gateway: String,
    /// What came in, or was asked for as long as nothing has.
    pub amount: Money,
    /// When it succeeded, if it has.
    pub succeeded_at: Option<Timestamp>,
}

/// What the ledger says that a gateway has collected for a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// For which payment.
    pub payment_id: PaymentId,
    /// That payment's gateway, if there is such a payment.
    pub gateway: Option<String>,
    /// How much.
    pub amount: Money,
}

/// A current line of a statement that tells of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedLine {
    /// Which.
    pub id: StatementLineId,
    /// The gateway that says it.
    pub gateway: String,
    /// When it says that it happened.
    pub at: Timestamp,
    /// How much.
    pub amount: Money,
    /// The payment it names, if it is one of ours.
    pub payment_id: Option<PaymentId>,
}

/// All that is known of a day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Books {
    /// The payments that succeeded on the day, and those that its lines name.
    pub payments: Vec<BookedPayment>,
    /// What the ledger posted on the day.
    pub captures: Vec<Capture>,
    /// The lines of the day, and those of other days that name one of these payments.
    pub lines: Vec<BookedLine>,
    /// The gateways of which a statement covers the day: one that was imported once it was over.
    pub covered: BTreeSet<String>,
}
