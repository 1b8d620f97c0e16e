//! SerdiPay over real sockets: what it is sent, and what is made of its answers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use kernel::{Currency, Money, Msisdn};
use outbound::{HttpClient, HttpSettings};
use uuid::Uuid;

use super::{SerdiPay, SerdiPaySettings, callback::CallbackGuard};
use crate::{
    adapters::stub_server::{StubServer, answer, nowhere},
    payment::Operator,
    ports::{
        PaymentGateway,
        gateway::{InitiateOutcome, InitiateRequest, PaymentReferences, QueryOutcome, ReportedStatus},
    },
    reason::FailureReason,
    testing::gateway_contract::{GatewayUnderTest, every_gateway},
};

const TOKEN_PATH: &str = "/merchant/get-token";
const C2B_PATH: &str = "/merchant/payment-merchant";
const ACCEPTED: &str = r#"{"status":200,"payment":{"sessionId":4711}}"#;

fn settings(base_url: &str) -> SerdiPaySettings {
    let cdf = |francs: i64| Money::from_minor(francs * 100, Currency::Cdf);
    SerdiPaySettings {
        base_url: base_url.to_owned(),
        token_path: "merchant/get-token".to_owned(),
        c2b_path: "/merchant/payment-merchant".to_owned(),
        status_path: None,
        email: "api@example.cd".to_owned(),
        password: "the-password".into(),
        api_id: "the-api-id".into(),
        api_password: "the-api-password".into(),
        merchant_code: "M1".to_owned(),
        merchant_pin: "735911".into(),
        min_amount: cdf(1),
        max_amount: cdf(5_750_000),
    }
}

fn http() -> HttpClient {
    let (connect_timeout, answer_timeout) = (Duration::from_secs(1), Duration::from_secs(5));
    HttpClient::new(HttpSettings { connect_timeout, answer_timeout, ..HttpSettings::default() }).unwrap()
}

fn serdipay(settings: SerdiPaySettings) -> SerdiPay {
    SerdiPay::new(settings, CallbackGuard::default(), http())
}

fn request() -> InitiateRequest {
    InitiateRequest {
        reference: Uuid::from_u128(7),
        phone: Msisdn::parse("+243812345678").unwrap(),
        operator: Operator::Mpesa,
        amount: Money::from_minor(250_000, Currency::Cdf),
    }
}

/// SerdiPay gives tokens in turn, `T1`, `T2` …, and answers requests for payment by `pay`.
async fn stub(pay: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> StubServer {
    let (tokens, payments) = (AtomicUsize::new(0), AtomicUsize::new(0));
    StubServer::start(move |seen| {
        if seen.line.ends_with(TOKEN_PATH) {
            let number = tokens.fetch_add(1, Ordering::SeqCst) + 1;
            return answer(200, &format!(r#"{{"access_token":"T{number}","expires_in":3600}}"#));
        }
        pay(payments.fetch_add(1, Ordering::SeqCst) + 1)
    })
    .await
}

async fn pay(stub: &StubServer) -> InitiateOutcome {
    serdipay(settings(&stub.url)).initiate(&request()).await
}

fn refusal(outcome: InitiateOutcome) -> (FailureReason, String) {
    match outcome {
        InitiateOutcome::Rejected(refusal) => (refusal.reason, refusal.detail.unwrap_or_default()),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_payment_is_sent_as_serdipay_expects_it() {
    let stub = stub(|_| answer(200, ACCEPTED)).await;
    assert_eq!(pay(&stub).await, InitiateOutcome::Accepted { provider_ref: Some("4711".to_owned()) });
    let seen = stub.seen();
    assert_eq!(
        seen.iter().map(|seen| seen.line.as_str()).collect::<Vec<_>>(),
        ["POST /merchant/get-token", "POST /merchant/payment-merchant"]
    );
    assert_eq!(seen[0].json(), serde_json::json!({ "email": "api@example.cd", "password": "the-password" }));
    let reference = Uuid::from_u128(7).to_string();
    assert_eq!(
        seen[1].json(),
        serde_json::json!({
            "api_id": "the-api-id",
            "api_password": "the-api-password",
            "merchantCode": "M1",
            "merchant_pin": "735911",
            "clientPhone": "243812345678",
            "amount": 2500,
            "currency": "CDF",
            "telecom": "MP",
            "reference": reference,
            "message": reference,
        })
    );
    assert!(seen[1].body.contains(r#""amount":2500,"#), "a whole number, as digits: {}", seen[1].body);
    assert!(seen[1].head.contains("authorization: Bearer T1"), "{}", seen[1].head);
    assert!(seen[1].head.contains(&format!("x-request-id: {reference}")), "{}", seen[1].head);
}

#[tokio::test]
async fn every_payment_has_a_token_of_its_own() {
    let stub = stub(|_| answer(200, ACCEPTED)).await;
    let gateway = serdipay(settings(&stub.url));
    gateway.initiate(&request()).await;
    gateway.initiate(&request()).await;
    assert_eq!(stub.seen_at(TOKEN_PATH).len(), 2);
    assert!(stub.seen_at(C2B_PATH)[1].head.contains("Bearer T2"));
}

#[tokio::test]
async fn part_francs_are_refused_before_any_call() {
    let stub = stub(|_| answer(200, ACCEPTED)).await;
    for minor in [250_050, 0, -100] {
        let amount = Money::from_minor(minor, Currency::Cdf);
        let outcome = serdipay(settings(&stub.url)).initiate(&InitiateRequest { amount, ..request() }).await;
        assert_eq!(refusal(outcome).0, FailureReason::AmountNotTaken, "{minor}");
    }
    assert!(stub.seen().is_empty());
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_exactly_once() {
    let unauthorized = r#"{"message":"Unauthenticated."}"#;
    let once = stub(move |time| if time == 1 { answer(401, unauthorized) } else { answer(200, ACCEPTED) });
    let once = once.await;
    assert!(matches!(pay(&once).await, InitiateOutcome::Accepted { .. }));
    let payments = once.seen_at(C2B_PATH);
    assert_eq!(payments.len(), 2);
    assert!(payments[0].head.contains("Bearer T1") && payments[1].head.contains("Bearer T2"));

    let always = stub(move |_| answer(401, unauthorized)).await;
    let (reason, detail) = refusal(pay(&always).await);
    assert_eq!(reason, FailureReason::GatewayRefusesUs);
    assert!(detail.contains("refuses our credentials"), "{detail}");
    assert_eq!(always.seen_at(C2B_PATH).len(), 2);
}

#[tokio::test]
async fn the_wrong_kind_of_user_is_told_to_staff() {
    let stub = StubServer::start(|_| {
        answer(400, r#"{"message":"wrong user role for 735911 the-password, you are a Manager"}"#)
    })
    .await;
    let (reason, detail) = refusal(pay(&stub).await);
    assert_eq!(reason, FailureReason::GatewayRefusesUs);
    assert!(detail.contains("wrong user role") && detail.contains("Manager"), "{detail}");
    assert!(!detail.contains("735911") && !detail.contains("the-password"), "{detail}");
    assert!(stub.seen_at(C2B_PATH).is_empty());
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let outcome = serdipay(settings(&nowhere().await)).initiate(&request()).await;
    assert!(matches!(outcome, InitiateOutcome::NotSent(_)), "{outcome:?}");
    for broken in [answer(500, "{}"), answer(429, "{}"), answer(200, "<html>"), answer(200, "{}"), Vec::new()]
    {
        let stub = StubServer::start(move |_| broken.clone()).await;
        let outcome = pay(&stub).await;
        assert!(matches!(outcome, InitiateOutcome::NotSent(_)), "{outcome:?}");
        assert!(stub.seen_at(C2B_PATH).is_empty());
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_the_payment_unknown_and_is_never_sent_again() {
    let ten_megabytes = "x".repeat(10 * 1024 * 1024);
    for broken in [
        answer(500, r#"{"error":"your balance is low"}"#),
        answer(502, "<html>"),
        answer(200, "<html>ok</html>"),
        answer(200, r#"{"payment":{"sessionId":"#),
        answer(200, &ten_megabytes),
        b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"status\":200}".to_vec(),
        b"HTTP/1.1 102 Processing\r\ncontent-length: 14\r\n\r\n{\"status\":102}".to_vec(),
        b"garbage".to_vec(),
        Vec::new(),
    ] {
        let shown = String::from_utf8_lossy(&broken).chars().take(60).collect::<String>();
        let stub = stub(move |_| broken.clone()).await;
        let outcome = pay(&stub).await;
        assert!(matches!(outcome, InitiateOutcome::Unknown(_)), "{shown}: {outcome:?}");
        assert_eq!(stub.seen_at(C2B_PATH).len(), 1, "{shown}");
    }
}

#[tokio::test]
async fn what_serdipay_says_of_a_refusal_reaches_staff_without_our_secrets() {
    let error = "The amount is not within allowed range! min: 2300 - max : 5750000 CDF (pin 735911)";
    let body = serde_json::json!({"message": "Failed to process the payment", "error": error}).to_string();
    let stub = stub(move |_| answer(402, &body)).await;
    let (reason, detail) = refusal(pay(&stub).await);
    assert_eq!(reason, FailureReason::AmountNotTaken);
    assert!(detail.contains("min: 2300") && !detail.contains("735911"), "{detail}");
}

#[tokio::test]
async fn a_status_is_asked_for_only_where_an_operator_has_said_how() {
    let stub = StubServer::start(|seen| match seen.line.as_str() {
        "POST /merchant/get-token" => answer(200, r#"{"access_token":"T"}"#),
        "GET /merchant/transaction/4711" => {
            answer(200, r#"{"payment":{"status":"success","sessionId":4711}}"#)
        }
        "GET /merchant/transaction/4712" => {
            answer(200, r#"{"payment":{"status":"success","sessionId":4711}}"#)
        }
        // It says that the question was a success, not that the payment was one.
        "GET /merchant/transaction/4714" => {
            answer(200, r#"{"status":"success","message":"Found","data":{"status":"failed"}}"#)
        }
        "GET /merchant/transaction/4715" => {
            answer(200, r#"{"status":200,"sessionId":4715,"data":{"status":"failed"}}"#)
        }
        _ => answer(404, ""),
    })
    .await;
    let asked = |provider_ref: Option<&str>| PaymentReferences {
        reference: Uuid::from_u128(7),
        provider_ref: provider_ref.map(str::to_owned),
    };
    let silent = serdipay(settings(&stub.url));
    assert!(!silent.capabilities().status_query);
    assert_eq!(silent.query(&asked(Some("4711"))).await, QueryOutcome::Unsupported);
    assert!(stub.seen().is_empty());
    let status_path = Some("/merchant/transaction/{sessionId}".to_owned());
    let asking = serdipay(SerdiPaySettings { status_path, ..settings(&stub.url) });
    assert!(asking.capabilities().status_query);
    let outcome = asking.query(&asked(Some("4711"))).await;
    let QueryOutcome::Report(report) = outcome else { panic!("{outcome:?}") };
    assert_eq!(report.status, ReportedStatus::Succeeded);
    for other in ["4712", "4713", "4714", "4715"] {
        let outcome = asking.query(&asked(Some(other))).await;
        assert!(matches!(outcome, QueryOutcome::Unreachable(_)), "{other}: {outcome:?}");
    }
    let before = stub.seen().len();
    for unfit in [None, Some("../get-token"), Some("a?b")] {
        assert_eq!(asking.query(&asked(unfit)).await, QueryOutcome::Unsupported, "{unfit:?}");
    }
    assert_eq!(stub.seen().len(), before);
}

#[test]
fn no_secret_is_in_a_debug_print() {
    let shown = format!("{:?}", settings("http://example.cd"));
    for secret in ["the-password", "the-api-id", "the-api-password", "735911"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

struct Subject {
    stub: StubServer,
}

#[async_trait]
impl GatewayUnderTest for Subject {
    fn gateway(&self) -> Arc<dyn PaymentGateway> {
        Arc::new(serdipay(settings(&self.stub.url)))
    }

    fn charges(&self) -> Vec<(Uuid, Money)> {
        let charge = |seen: crate::adapters::stub_server::Seen| {
            let body = seen.json();
            let francs = body["amount"].as_i64().unwrap();
            let reference = body["reference"].as_str().unwrap().parse().unwrap();
            (reference, Money::from_minor(francs * 100, Currency::Cdf))
        };
        self.stub.seen_at(C2B_PATH).into_iter().map(charge).collect()
    }

    async fn unreachable(&self) -> Option<Arc<dyn PaymentGateway>> {
        Some(Arc::new(serdipay(settings(&nowhere().await))))
    }
}

#[tokio::test]
async fn serdipay_does_what_every_gateway_must() {
    every_gateway(&Subject { stub: stub(|_| answer(200, ACCEPTED)).await }).await;
}
