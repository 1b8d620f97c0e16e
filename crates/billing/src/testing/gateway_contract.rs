//! What every payment gateway must do, real or fake. Run it over each: see the tests of the adapters.
#![expect(clippy::expect_used, clippy::panic, reason = "a suite for tests: a subject that fails it panics")]

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use kernel::{Money, Msisdn};
use uuid::Uuid;

use crate::{
    payment::Operator,
    ports::{
        PaymentGateway,
        gateway::{
            CallbackAuth, InitiateOutcome, InitiateRequest, PaymentReferences, QueryOutcome, RawCallback,
            ReportedAmount,
        },
    },
};

/// A gateway whose other side can be looked at.
#[async_trait]
pub trait GatewayUnderTest: Send + Sync {
    /// The gateway. Its other side accepts every payment.
    fn gateway(&self) -> Arc<dyn PaymentGateway>;
    /// What wallets were asked for, by the other side's own books: our reference and the amount, oldest first.
    fn charges(&self) -> Vec<(Uuid, Money)>;
    /// The same kind of gateway where nobody answers; `None` where there is no other side to be away.
    async fn unreachable(&self) -> Option<Arc<dyn PaymentGateway>>;
}

/// The suite.
///
/// # Panics
/// The gateway does not do what it must.
pub async fn every_gateway(subject: &dyn GatewayUnderTest) {
    limits_make_sense(subject.gateway().as_ref());
    nothing_unproved_is_verified(subject.gateway().as_ref());
    garbage_is_unreadable(subject.gateway().as_ref());
    a_payment_is_asked_for_once_and_exactly(subject).await;
    an_operator_that_is_not_served_is_refused_without_a_charge(subject).await;
    a_repeat_is_recognised_where_that_is_promised(subject).await;
    an_answer_is_about_what_was_asked(subject).await;
    if let Some(gateway) = subject.unreachable().await {
        what_cannot_be_reached_has_not_been_sent(gateway.as_ref()).await;
    }
}

/// A request within the gateway's own limits, of a phone that the fake lets succeed.
fn request(gateway: &dyn PaymentGateway, reference: u128) -> InitiateRequest {
    let limits = gateway.limits();
    let limits = limits.first().expect("a gateway serves somebody");
    InitiateRequest {
        reference: Uuid::from_u128(reference),
        phone: Msisdn::parse("+243810000000").expect("a phone number"),
        operator: limits.operator,
        amount: limits.min,
    }
}

fn limits_make_sense(gateway: &dyn PaymentGateway) {
    let mut known = Vec::new();
    for limits in gateway.limits() {
        assert_eq!(limits.gateway, gateway.name());
        assert!(limits.min.minor() > 0 && limits.min.minor() <= limits.max.minor(), "{limits:?}");
        assert!(limits.step.minor() > 0 && limits.check(limits.min).is_ok(), "{limits:?}");
        let key = (limits.operator, limits.min.currency());
        assert!(!known.contains(&key), "{key:?} is there twice");
        known.push(key);
    }
}

fn nothing_unproved_is_verified(gateway: &dyn PaymentGateway) {
    for token in [None, Some(""), Some("guessed")] {
        for body in ["", "{}", r#"{"status":200,"payment":{"status":"success","sessionId":"1"}}"#] {
            let path_token = token.map(str::to_owned);
            let callback =
                RawCallback { body: body.into(), headers: BTreeMap::new(), path_token, peer: None };
            assert_ne!(gateway.authenticate_callback(&callback), CallbackAuth::Verified, "{token:?} {body}");
        }
    }
}

fn garbage_is_unreadable(gateway: &dyn PaymentGateway) {
    for body in [&b""[..], b"null", b"[]", b"{}", b"<html>", b"\xff\xfe", br#"{"status":"success""#] {
        assert!(gateway.parse_callback(body).is_err(), "{body:?}");
    }
}

async fn a_payment_is_asked_for_once_and_exactly(subject: &dyn GatewayUnderTest) {
    let gateway = subject.gateway();
    let before = subject.charges().len();
    let request = request(gateway.as_ref(), 1);
    let outcome = gateway.initiate(&request).await;
    assert!(matches!(outcome, InitiateOutcome::Accepted { .. }), "{outcome:?}");
    assert_eq!(subject.charges()[before..], [(request.reference, request.amount)]);
}

async fn an_operator_that_is_not_served_is_refused_without_a_charge(subject: &dyn GatewayUnderTest) {
    let gateway = subject.gateway();
    let served: Vec<_> = gateway.limits().into_iter().map(|limits| limits.operator).collect();
    let before = subject.charges().len();
    for operator in Operator::ALL.into_iter().filter(|operator| !served.contains(operator)) {
        let outcome = gateway.initiate(&InitiateRequest { operator, ..request(gateway.as_ref(), 2) }).await;
        assert!(matches!(outcome, InitiateOutcome::Rejected(_)), "{operator:?}: {outcome:?}");
    }
    assert_eq!(subject.charges().len(), before);
}

async fn a_repeat_is_recognised_where_that_is_promised(subject: &dyn GatewayUnderTest) {
    let gateway = subject.gateway();
    if !gateway.capabilities().idempotent_initiate {
        return;
    }
    let before = subject.charges().len();
    let request = request(gateway.as_ref(), 3);
    for _ in 0..3 {
        let outcome = gateway.initiate(&request).await;
        assert!(matches!(outcome, InitiateOutcome::Accepted { .. }), "{outcome:?}");
    }
    assert_eq!(subject.charges().len(), before + 1);
}

async fn an_answer_is_about_what_was_asked(subject: &dyn GatewayUnderTest) {
    let gateway = subject.gateway();
    let never_sent = PaymentReferences { reference: Uuid::from_u128(404), provider_ref: None };
    let outcome = gateway.query(&never_sent).await;
    let can_answer = gateway.capabilities().status_query;
    let expected = if can_answer { QueryOutcome::NotFound } else { QueryOutcome::Unsupported };
    // A gateway that knows payments by its own name alone cannot be asked about one that has none.
    assert!(outcome == expected || outcome == QueryOutcome::Unsupported, "{outcome:?}");
    if !can_answer {
        return;
    }
    let request = request(gateway.as_ref(), 4);
    let InitiateOutcome::Accepted { provider_ref } = gateway.initiate(&request).await else {
        panic!("it accepts no more");
    };
    let references = PaymentReferences { reference: request.reference, provider_ref };
    let outcome = gateway.query(&references).await;
    let QueryOutcome::Report(report) = outcome else { panic!("{outcome:?}") };
    assert!(report.is_about(&references), "{report:?}");
    if gateway.capabilities().callback_has_amount {
        assert_eq!(report.amount, ReportedAmount::Read(request.amount));
    }
}

async fn what_cannot_be_reached_has_not_been_sent(gateway: &dyn PaymentGateway) {
    let request = request(gateway, 5);
    let outcome = gateway.initiate(&request).await;
    assert!(matches!(outcome, InitiateOutcome::NotSent(_)), "{outcome:?}");
    let references = PaymentReferences { reference: request.reference, provider_ref: Some("1".to_owned()) };
    let outcome = gateway.query(&references).await;
    assert!(matches!(outcome, QueryOutcome::Unreachable(_) | QueryOutcome::Unsupported), "{outcome:?}");
}
