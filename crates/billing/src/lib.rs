//! Billing: what is for sale, who ordered what, how it was paid, and what is owed for it.
//!
//! The crate's promise: **a paid order is never lost and never delivered twice**, whatever crashes when. Four
//! facts are kept apart: the order (what was sold), the payment (one attempt), the unit (one set of credentials
//! owed), the ledger (where the money is). The order's status is a projection of the others.
//!
//! Read in this order:
//!
//! 1. the aggregates: [`package`], [`order`], [`payment`], [`mod@unit`], [`refund`], [`ledger`], [`agent`], and the smaller [`callback`],
//!    [`limits`], [`reason`], [`receipt`], [`site`], [`task`], [`basis_points`]; and what guests have instead of an account: [`order_token`], [`voucher`], [`guess`], [`grace`];
//! 2. [`verdict`]: what a gateway's report means for a payment, as one pure function;
//! 3. [`statement`]: a gateway's own account as a file, and [`agreement`]: whether payments, ledger and statement
//!    tell the same;
//! 4. [`ports`]: the store, the reads, and the payment gateway;
//! 5. [`use_cases`]: one file each; `settle` is the one place where money becomes an obligation;
//! 6. [`queries`], [`consumers`], [`jobs`], [`adapters`].
//!
//! Locks are always taken in this order: *voucher and batch, order, payment, balance*, and the numbers of days and of
//! receipts last, as everybody wants those. No gateway is called inside a transaction.

pub mod adapters;
pub mod agent;
pub mod agreement;
pub mod basis_points;
pub mod callback;
pub mod consumers;
pub mod grace;
pub mod guess;
pub mod jobs;
pub mod ledger;
pub mod limits;
pub mod order;
pub mod order_token;
pub mod package;
pub mod payment;
pub mod ports;
pub mod queries;
pub mod reason;
pub mod receipt;
pub mod refund;
pub mod site;
pub mod statement;
pub mod task;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod unit;
pub mod use_cases;
pub mod verdict;
pub mod voucher;

pub use order::{Order, OrderStatus};
pub use package::Package;
pub use payment::{Operator, Payment, PaymentStatus};
pub use unit::{Unit, UnitStatus};
pub use use_cases::{Billing, Settings};
