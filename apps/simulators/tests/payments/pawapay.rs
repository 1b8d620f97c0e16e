//! pawaPay's part.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use outbound::{Reply, Request};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{Got, Stage, reference};

impl Stage {
    async fn pawapay(&self, request: Request) -> Reply {
        self.send(request.header("authorization", "Bearer any")).await.unwrap()
    }

    async fn deposit(&self, id: Uuid, suffix: &str) -> Value {
        let body = json!({
            "depositId": id,
            "amount": "1000",
            "currency": "CDF",
            "payer": {
                "type": "MMO",
                "accountDetails": { "phoneNumber": format!("24381234{suffix}"), "provider": "VODACOM_MPESA_COD" },
            },
        });
        let url = format!("{}/v2/deposits", self.simulator.pawapay_url());
        self.pawapay(Request::post(url, &body)).await.json().unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        let url = format!("{}/v2/{path}", self.simulator.pawapay_url());
        self.pawapay(Request::get(url)).await.json().unwrap()
    }
}

#[tokio::test]
async fn a_deposit_is_accepted_once_and_completed_later() {
    let stage = Stage::new().await;
    let id = reference(1);
    assert_eq!(stage.get(&format!("deposits/{id}")).await, json!({ "status": "NOT_FOUND" }));
    assert_eq!(stage.deposit(id, "0000").await["status"], "ACCEPTED");
    assert_eq!(stage.deposit(id, "0000").await["status"], "DUPLICATE_IGNORED");
    assert_eq!(stage.simulator.prompts(id).unwrap(), 1);
    assert_eq!(stage.get(&format!("deposits/{id}")).await["data"]["status"], "PROCESSING");
    assert_eq!(stage.after(300).await, 1);
    let found = stage.get(&format!("deposits/{id}")).await;
    assert_eq!((&found["status"], &found["data"]["status"]), (&json!("FOUND"), &json!("COMPLETED")));
    let [callback] = stage.merchant.got().try_into().unwrap();
    assert_eq!(callback.path, "/callback/pawapay");
    assert_eq!(callback.json(), found["data"]);
    assert_eq!(callback.json()["amount"], "1000");
}

#[tokio::test]
async fn rejections_and_failures_say_why() {
    let stage = Stage::new().await;
    let rejected = stage.deposit(reference(1), "0013").await;
    assert_eq!(rejected["status"], "REJECTED");
    assert_eq!(rejected["failureReason"]["failureCode"], "PROVIDER_TEMPORARILY_UNAVAILABLE");
    assert_eq!(stage.simulator.prompts(reference(1)).unwrap(), 0);
    for (number, suffix, code) in [(2, "0001", "PAYMENT_NOT_APPROVED"), (3, "0002", "INSUFFICIENT_BALANCE")] {
        stage.deposit(reference(number), suffix).await;
        stage.after(300).await;
        let told = stage.merchant.got().last().unwrap().json();
        assert_eq!(
            (&told["status"], &told["failureReason"]["failureCode"]),
            (&json!("FAILED"), &json!(code))
        );
    }
    let unknown = stage.deposit(reference(4), "0022").await;
    assert_eq!((unknown.get("status"), stage.simulator.prompts(reference(4)).unwrap()), (None, 1));
}

#[tokio::test]
async fn a_final_callback_is_sent_again_on_demand() {
    let stage = Stage::new().await;
    let url = format!("{}/v2/deposits/resend-callback/{}", stage.simulator.pawapay_url(), reference(1));
    let resend = async || {
        let reply = stage.pawapay(Request::post(&url, &json!({}))).await;
        reply.json::<Value>().unwrap()["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(resend().await, "REJECTED");
    stage.deposit(reference(1), "0000").await;
    assert_eq!(resend().await, "REJECTED");
    assert_eq!(stage.after(300).await, 1);
    assert_eq!(resend().await, "ACCEPTED");
    assert_eq!(stage.after(0).await, 1);
    assert_eq!(stage.merchant.got().len(), 2);
}

#[tokio::test]
async fn who_does_not_prove_who_he_is_is_told_so() {
    let stage = Stage::new().await;
    let url = format!("{}/v2/deposits/{}", stage.simulator.pawapay_url(), reference(1));
    assert_eq!(stage.send(Request::get(&url)).await.unwrap().status, 401);
    stage.simulator.change(|behaviour| behaviour.pawapay.api_token = Some("right".to_owned()));
    assert_eq!(stage.pawapay(Request::get(&url)).await.status, 403);
    let right = stage.send(Request::get(&url).header("authorization", "Bearer right")).await.unwrap();
    assert_eq!(right.status, 200);
}

/// The signature's base as RFC 9421 builds it from a callback, and the signature.
fn signed(stage: &Stage, callback: &Got) -> (String, Vec<u8>) {
    let input = callback.headers["signature-input"].strip_prefix("sig-pp=").unwrap();
    let components = input.strip_prefix('(').unwrap().split(')').next().unwrap();
    let mut base = String::new();
    for component in components.split(' ').map(|quoted| quoted.trim_matches('"')) {
        let value = match component {
            "@method" => "POST",
            "@authority" => stage.merchant_url.split('/').nth(2).unwrap(),
            "@path" => &callback.path,
            header => &callback.headers[header],
        };
        base.push_str(&format!("\"{component}\": {value}\n"));
    }
    base.push_str(&format!("\"@signature-params\": {input}"));
    let signature = callback.headers["signature"].strip_prefix("sig-pp=:").unwrap().trim_end_matches(':');
    (base, STANDARD.decode(signature).unwrap())
}

#[tokio::test]
async fn callbacks_are_signed_with_the_published_key_in_either_form() {
    let stage = Stage::new().await;
    let keys = stage.get("public-key/http").await;
    let pem = keys[0]["key"].as_str().unwrap();
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let key = STANDARD.decode(base64).unwrap();
    let point = &key[key.len() - 65..];

    stage.deposit(reference(1), "0000").await;
    stage.after(300).await;
    let callback = stage.merchant.got().remove(0);
    assert!(callback.headers["signature-input"].contains(keys[0]["id"].as_str().unwrap()));
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, &callback.body);
    assert_eq!(callback.headers["content-digest"], format!("sha-512=:{}:", STANDARD.encode(digest)));
    let (base, signature) = signed(&stage, &callback);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(base.as_bytes(), &signature).unwrap();

    stage.simulator.change(|behaviour| behaviour.pawapay.plain_signatures = true);
    stage.deposit(reference(2), "0000").await;
    stage.after(300).await;
    let (base, signature) = signed(&stage, &stage.merchant.got()[1]);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(base.as_bytes(), &signature).unwrap();

    stage.deposit(reference(3), "0025").await;
    stage.deposit(reference(4), "0026").await;
    stage.after(300).await;
    let got = stage.merchant.got();
    assert!(!got[2].headers.contains_key("signature"));
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, &got[3].body);
    assert_ne!(got[3].headers["content-digest"], format!("sha-512=:{}:", STANDARD.encode(digest)));
}

#[tokio::test]
async fn the_key_outlives_a_restart() {
    let mut stage = Stage::new().await;
    let keys = stage.get("public-key/http").await;
    stage.restart().await;
    assert_eq!(stage.get("public-key/http").await, keys);
}
