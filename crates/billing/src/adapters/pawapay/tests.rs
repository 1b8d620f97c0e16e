//! pawaPay over real sockets: what it is sent, and what is made of its answers.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use aws_lc_rs::{
    encoding::AsDer,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use kernel::{Ambient, Currency, Money, Msisdn};
use outbound::{HttpClient, HttpSettings};
use uuid::Uuid;

use super::{PawaPay, PawaPaySettings, signature::SignedPlace};
use crate::{
    adapters::stub_server::{StubServer, answer, nowhere},
    payment::Operator,
    ports::{
        PaymentGateway,
        gateway::{
            CallbackAuth, InitiateOutcome, InitiateRequest, PaymentReferences, QueryOutcome, RawCallback,
            ReportedStatus,
        },
    },
    reason::FailureReason,
    testing::gateway_contract::{GatewayUnderTest, every_gateway},
};

fn settings(base_url: &str) -> PawaPaySettings {
    PawaPaySettings {
        base_url: base_url.to_owned(),
        api_token: "the-api-token".into(),
        callback_token: None,
        callback_addresses: kernel::IpNetworks::default(),
        callback_keys: super::CallbackKeys::default(),
        callback_place: SignedPlace { authority: "wifi.example.cd".to_owned(), path: "/callback".to_owned() },
    }
}

fn pawapay(settings: PawaPaySettings) -> PawaPay {
    let (connect_timeout, answer_timeout) = (Duration::from_secs(1), Duration::from_secs(5));
    let http = HttpSettings { connect_timeout, answer_timeout, ..HttpSettings::default() };
    PawaPay::new(settings, HttpClient::new(http).unwrap(), Ambient::system())
}

fn request(operator: Operator, minor: i64) -> InitiateRequest {
    InitiateRequest {
        reference: Uuid::from_u128(7),
        phone: Msisdn::parse("+243812345678").unwrap(),
        operator,
        amount: Money::from_minor(minor, Currency::Cdf),
    }
}

async fn pay(base_url: &str) -> InitiateOutcome {
    pawapay(settings(base_url)).initiate(&request(Operator::Mpesa, 250_000)).await
}

#[tokio::test]
async fn a_deposit_is_sent_as_pawapay_expects_it() {
    let stub = StubServer::start(|_| answer(200, r#"{"status":"ACCEPTED"}"#)).await;
    assert_eq!(pay(&stub.url).await, InitiateOutcome::Accepted { provider_ref: None });
    let seen = stub.seen().remove(0);
    assert_eq!(seen.line, "POST /v2/deposits");
    assert!(seen.head.contains("authorization: Bearer the-api-token"), "{}", seen.head);
    assert_eq!(
        seen.json(),
        serde_json::json!({
            "depositId": Uuid::from_u128(7).to_string(),
            "amount": "2500",
            "currency": "CDF",
            "payer": {
                "type": "MMO",
                "accountDetails": { "phoneNumber": "243812345678", "provider": "VODACOM_MPESA_COD" },
            },
        })
    );
}

#[tokio::test]
async fn amounts_and_operators_are_written_as_pawapay_reads_them() {
    let stub = StubServer::start(|_| answer(200, r#"{"status":"ACCEPTED"}"#)).await;
    for (operator, minor, amount, provider) in [
        (Operator::Airtel, 250_050, "2500.50", "AIRTEL_COD"),
        (Operator::Airtel, 250_000, "2500", "AIRTEL_COD"),
        (Operator::Orange, 1_000, "10", "ORANGE_COD"),
    ] {
        pawapay(settings(&stub.url)).initiate(&request(operator, minor)).await;
        let body = stub.seen().pop().unwrap().json();
        assert_eq!(body["amount"], amount);
        assert_eq!(body["payer"]["accountDetails"]["provider"], provider);
    }
    let before = stub.seen().len();
    let outcome = pawapay(settings(&stub.url)).initiate(&request(Operator::Afrimoney, 250_000)).await;
    assert_eq!(outcome, InitiateOutcome::Rejected(FailureReason::OperatorNotEnabled.into()));
    assert_eq!(stub.seen().len(), before);
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_a_refusal_is_one() {
    for broken in [answer(500, "{}"), answer(200, "<html>"), answer(302, ""), Vec::new()] {
        let stub = StubServer::start(move |_| broken.clone()).await;
        let outcome = pay(&stub.url).await;
        assert!(matches!(outcome, InitiateOutcome::Unknown(_)), "{outcome:?}");
        assert_eq!(stub.seen().len(), 1);
    }
    let stub = StubServer::start(|_| {
        answer(
            401,
            r#"{"failureReason":{"failureCode":"AUTHENTICATION_ERROR","failureMessage":"the-api-token"}}"#,
        )
    })
    .await;
    let InitiateOutcome::Rejected(refusal) = pay(&stub.url).await else { panic!("taken") };
    assert_eq!(refusal.reason, FailureReason::GatewayRefusesUs);
    assert_eq!(refusal.detail.as_deref(), Some("HTTP 401: AUTHENTICATION_ERROR …"));
}

#[tokio::test]
async fn a_deposit_is_asked_about_by_our_own_reference() {
    let reference = Uuid::from_u128(7);
    let other = Uuid::from_u128(8);
    for (code, body, expected) in [
        (200, r#"{"status":"NOT_FOUND"}"#.to_owned(), QueryOutcome::NotFound),
        (500, "{}".to_owned(), QueryOutcome::Unreachable("HTTP 500".to_owned())),
        (
            200,
            format!(r#"{{"status":"FOUND","data":{{"depositId":"{other}","status":"COMPLETED"}}}}"#),
            QueryOutcome::Unreachable("the answer is about something else".to_owned()),
        ),
    ] {
        let stub = StubServer::start(move |_| answer(code, &body)).await;
        let asked = PaymentReferences { reference, provider_ref: None };
        assert_eq!(pawapay(settings(&stub.url)).query(&asked).await, expected);
        assert_eq!(stub.seen()[0].line, format!("GET /v2/deposits/{reference}"));
    }
    let body = format!(
        r#"{{"status":"FOUND","data":{{"depositId":"{reference}","status":"FAILED","failureReason":{{"failureCode":"PAYMENT_NOT_APPROVED"}}}}}}"#
    );
    let stub = StubServer::start(move |_| answer(200, &body)).await;
    let asked = PaymentReferences { reference, provider_ref: None };
    let QueryOutcome::Report(report) = pawapay(settings(&stub.url)).query(&asked).await else {
        panic!("no report")
    };
    assert_eq!(report.status, ReportedStatus::Failed(FailureReason::Declined));
}

#[test]
fn a_callback_without_a_signature_is_a_hint_at_best() {
    let judge = |settings: PawaPaySettings, token: Option<&str>, peer: &str| {
        let path_token = token.map(str::to_owned);
        let (body, headers) = (b"{}".to_vec(), BTreeMap::new());
        let peer = Some(peer.parse().unwrap());
        pawapay(settings).authenticate_callback(&RawCallback { body, headers, path_token, peer })
    };
    let open = || settings("http://example.cd");
    assert_eq!(judge(open(), None, "192.0.2.7"), CallbackAuth::Weak);
    let guarded = || PawaPaySettings { callback_token: Some("t".into()), ..open() };
    assert_eq!(judge(guarded(), Some("t"), "192.0.2.7"), CallbackAuth::Weak);
    assert_eq!(judge(guarded(), Some("x"), "192.0.2.7"), CallbackAuth::Rejected);
    assert_eq!(judge(guarded(), None, "192.0.2.7"), CallbackAuth::Rejected);
    let placed = || PawaPaySettings { callback_addresses: "192.0.2.0/24".parse().unwrap(), ..open() };
    assert_eq!(judge(placed(), None, "192.0.2.7"), CallbackAuth::Weak);
    assert_eq!(judge(placed(), None, "198.51.100.7"), CallbackAuth::Rejected);
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let key = format!("k={}", BASE64.encode(pair.public_key().as_der().unwrap().as_ref()));
    let signed = || PawaPaySettings { callback_keys: key.parse().unwrap(), ..open() };
    assert_eq!(judge(signed(), None, "192.0.2.7"), CallbackAuth::Rejected);
}

/// Keeps deposits by their ids, as pawaPay does.
struct Subject {
    stub: StubServer,
    deposits: Arc<Mutex<Vec<(Uuid, serde_json::Value)>>>,
}

impl Subject {
    async fn start() -> Self {
        let deposits = Arc::<Mutex<Vec<(Uuid, serde_json::Value)>>>::default();
        let books = deposits.clone();
        let stub = StubServer::start(move |seen| {
            let mut books = books.lock().unwrap();
            if let Some(id) = seen.line.strip_prefix("GET /v2/deposits/") {
                let id: Uuid = id.parse().unwrap();
                let found = books.iter().find(|(known, _)| *known == id);
                let body = found.map(|(_, body)| serde_json::json!({ "status": "FOUND", "data": body }));
                let body = body.unwrap_or_else(|| serde_json::json!({ "status": "NOT_FOUND" }));
                return answer(200, &body.to_string());
            }
            let mut body = seen.json();
            let id: Uuid = body["depositId"].as_str().unwrap().parse().unwrap();
            if books.iter().any(|(known, _)| *known == id) {
                return answer(200, r#"{"status":"DUPLICATE_IGNORED"}"#);
            }
            body["status"] = "PROCESSING".into();
            books.push((id, body));
            answer(200, r#"{"status":"ACCEPTED"}"#)
        })
        .await;
        Self { stub, deposits }
    }
}

#[async_trait]
impl GatewayUnderTest for Subject {
    fn gateway(&self) -> Arc<dyn PaymentGateway> {
        Arc::new(pawapay(settings(&self.stub.url)))
    }

    fn charges(&self) -> Vec<(Uuid, Money)> {
        let deposits = self.deposits.lock().unwrap();
        let amount =
            |body: &serde_json::Value| Money::parse(body["amount"].as_str().unwrap(), Currency::Cdf).unwrap();
        deposits.iter().map(|(id, body)| (*id, amount(body))).collect()
    }

    async fn unreachable(&self) -> Option<Arc<dyn PaymentGateway>> {
        Some(Arc::new(pawapay(settings(&nowhere().await))))
    }
}

#[tokio::test]
async fn pawapay_does_what_every_gateway_must() {
    every_gateway(&Subject::start().await).await;
}
