//! For tests: samples, and the suites that every store and gateway must pass.

use kernel::{
    AccessPolicy, Currency, Id, Money, Msisdn,
    events::{
        Contact,
        billing::{SoldPackage, Target, ValidityStart},
    },
};
use uuid::Uuid;

pub mod gateway_contract;

use crate::{
    basis_points::BasisPoints,
    order::{Order, OrderStatus, Quantity},
    payment::{Operator, Payment, PaymentStatus, Wallet},
    refund::{Refund, RefundStatus, RefundWay},
};

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
        received: None,
        refunded: Money::zero(Currency::Cdf),
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

/// A pending order of one `2H` at this price, without tax.
#[must_use]
pub fn an_order(price: Money) -> Order {
    let now = chrono::DateTime::UNIX_EPOCH;
    Order {
        id: Id::from_uuid(Uuid::from_u128(1)),
        number: "ORD-19700101-000001".into(),
        contact: Contact::default(),
        site_id: Id::from_uuid(Uuid::from_u128(4)),
        router_id: None,
        package_id: Id::from_uuid(Uuid::from_u128(5)),
        package: SoldPackage {
            name: "2H".into(),
            validity_minutes: 120,
            validity_start: ValidityStart::Creation,
            target: Target::Router,
            policy: AccessPolicy::default(),
        },
        quantity: Quantity::ONE,
        unit_price: price,
        total: price,
        tax_rate: BasisPoints::default(),
        status: OrderStatus::Pending,
        ip: None,
        created_at: now,
        expires_at: now + chrono::Duration::hours(1),
        paid_at: None,
        completed_at: None,
    }
}

/// A refund of so much of [`a_payment`], asked for, of no unit and without tax.
#[must_use]
pub fn a_refund(amount: Money, way: RefundWay) -> Refund {
    let payment = a_payment(PaymentStatus::Success);
    Refund {
        id: Id::from_uuid(Uuid::nil()),
        payment_id: payment.id,
        order_id: payment.order_id,
        amount,
        tax: Money::zero(amount.currency()),
        way,
        units: Vec::new(),
        even_if_used: false,
        reason: String::new(),
        reference: Uuid::nil(),
        provider_ref: None,
        status: RefundStatus::Requested,
        requested_by: String::new(),
        created_at: payment.created_at,
        settled_at: None,
    }
}
