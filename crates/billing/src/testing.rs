//! For tests: samples, and the suites that every store and gateway must pass.

use kernel::{Currency, Id, Money, Msisdn};
use uuid::Uuid;

pub mod gateway_contract;

use crate::payment::{Operator, Payment, PaymentStatus, Wallet};

/// A payment of 3.00 CDF with this status.
#[must_use]
pub fn a_payment(status: PaymentStatus) -> Payment {
    let now = chrono::DateTime::UNIX_EPOCH;
    Payment {
        id: Id::from_uuid(Uuid::from_u128(2)),
        order_id: Id::from_uuid(Uuid::from_u128(1)),
        user_id: None,
        gateway: "fake".into(),
        reference: Uuid::from_u128(3),
        provider_ref: None,
        wallet: Some(Wallet { phone: Msisdn::parse("+243810000000").ok(), operator: Operator::Mpesa }),
        amount: Money::from_minor(300, Currency::Cdf),
        status,
        late: false,
        reason: None,
        ip: None,
        created_at: now,
        expires_at: now + chrono::Duration::minutes(15),
        settled_at: None,
        next_check_at: None,
        checks: 0,
    }
}
