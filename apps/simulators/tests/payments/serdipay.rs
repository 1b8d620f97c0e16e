//! SerdiPay's part.

use aws_lc_rs::hmac;
use billing::adapters::fake::script::{Answer, SCRIPTS};
use outbound::{Request, SendError};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::stage::{Stage, reference};

#[tokio::test]
async fn a_payment_is_asked_for_and_called_back_with_token_and_signature() {
    let stage = Stage::new().await;
    let token = stage.token().await;
    let reply = stage.collect(&token, reference(1), "0000").await.unwrap();
    let answer: Value = reply.json().unwrap();
    assert_eq!((reply.status, &answer["status"]), (200, &json!(200)));
    assert_eq!(stage.after(299).await, 0);
    assert_eq!(stage.after(1).await, 1);
    assert_eq!(stage.after(60_000).await, 0);
    let [callback] = stage.merchant.got().try_into().unwrap();
    assert_eq!(callback.path, "/callback/path-token");
    let signature = hex::decode(&callback.headers["x-serdipay-signature"]).unwrap();
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, b"hmac-secret"), &callback.body, &signature).unwrap();
    let told = callback.json();
    assert_eq!(told["message"], json!(reference(1)));
    assert_eq!(told["payment"]["sessionId"], answer["payment"]["sessionId"]);
    assert_eq!(told["payment"]["status"], "success");
    assert_eq!(stage.simulator.token_requests(), 1);
}

#[tokio::test]
async fn each_request_pushes_a_prompt_even_for_one_reference() {
    let stage = Stage::new().await;
    let token = stage.token().await;
    for prompts in 1..=2 {
        stage.collect(&token, reference(1), "0003").await.unwrap();
        assert_eq!(stage.simulator.prompts(reference(1)).unwrap(), prompts);
    }
    assert_eq!(stage.simulator.prompts(reference(2)).unwrap(), 0);
    let received = stage.simulator.received();
    let asked: Value = serde_json::from_slice(&received.last().unwrap().body).unwrap();
    assert_eq!(asked["merchant_pin"], "1234");
}

#[tokio::test]
async fn without_a_good_token_nothing_is_asked() {
    let stage = Stage::new().await;
    let refused = stage.collect("made-up", reference(1), "0000").await.unwrap();
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json::<Value>().unwrap(), json!({ "message": "Unauthenticated." }));
    let token = stage.token().await;
    stage.simulator.forget_tokens();
    assert_eq!(stage.collect(&token, reference(1), "0000").await.unwrap().status, 401);
    stage.simulator.change(|behaviour| {
        behaviour.serdipay.token_life = Some(std::time::Duration::from_secs(45));
    });
    let token = stage.token().await;
    stage.after(45_000).await;
    assert_eq!(stage.collect(&token, reference(1), "0000").await.unwrap().status, 401);
    assert_eq!(stage.simulator.prompts(reference(1)).unwrap(), 0);
}

#[tokio::test]
async fn a_token_is_refused_once_or_twice_in_a_row() {
    let stage = Stage::new().await;
    for (number, suffix, expected) in [(1, "0011", [401, 200, 200]), (2, "0017", [401, 401, 200])] {
        for status in expected {
            let token = stage.token().await;
            assert_eq!(stage.collect(&token, reference(number), suffix).await.unwrap().status, status);
        }
    }
}

#[tokio::test]
async fn every_answer_of_the_table_is_played_on_the_wire() {
    let stage = Stage::new().await;
    for (number, script) in (1..).zip(SCRIPTS) {
        let token = stage.token().await;
        if script.answer == Answer::LoseAnswer {
            continue;
        }
        let reply = stage.collect(&token, reference(number), script.suffix).await;
        let status = reply.as_ref().map(|reply| reply.status);
        let body = || reply.as_ref().unwrap().json::<Value>();
        match script.answer {
            Answer::Accept => assert_eq!(body().unwrap()["payment"]["status"], "pending"),
            Answer::InProcess => {
                assert_eq!((status, body().unwrap()["status"].clone()), (Ok(200), json!(102)));
            }
            Answer::Refuse => {
                assert_eq!(status, Ok(403));
                assert_eq!(body().unwrap()["error"], "merchant is not allowed to use this channel");
            }
            Answer::TooManyRequests => assert_eq!(status, Ok(429)),
            Answer::UnauthorizedOnce | Answer::UnauthorizedTwice => assert_eq!(status, Ok(401)),
            Answer::Garbage | Answer::Truncated => assert!(status == Ok(200) && body().is_err()),
            Answer::ServerError => assert_eq!(status, Ok(500)),
            Answer::Literal102 | Answer::Huge | Answer::Cut => {
                assert!(matches!(reply, Err(SendError::Lost(_))), "{}: {reply:?}", script.name);
            }
            Answer::LoseAnswer => {}
        }
        let not_asked =
            [Answer::Refuse, Answer::TooManyRequests, Answer::UnauthorizedOnce, Answer::UnauthorizedTwice];
        let prompts = usize::from(!not_asked.contains(&script.answer));
        assert_eq!(stage.simulator.prompts(reference(number)).unwrap(), prompts, "{}", script.name);
    }
}

/// The bytes of an answer, and whether its connection was then closed, by a client that knows no HTTP.
async fn bytes_of_answer(stage: &Stage, suffix: &str, enough: usize) -> Vec<u8> {
    let token = stage.token().await;
    let body = json!({
        "api_id": "1", "api_password": "p", "merchantCode": "m", "merchant_pin": "1234",
        "clientPhone": format!("24381234{suffix}"), "amount": 1, "currency": "CDF", "telecom": "AM",
        "reference": reference(9),
    })
    .to_string();
    let address = stage.simulator.pawapay_url().replace("http://", "");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /api/public-api/v1/merchant/payment-merchant HTTP/1.1\r\nauthorization: Bearer {token}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while answer.len() < enough && stream.read_buf(&mut answer).await.unwrap() > 0 {}
    answer
}

#[tokio::test]
async fn a_literal_102_has_a_body_and_a_lost_answer_has_nothing() {
    let stage = Stage::new().await;
    let literal = String::from_utf8(bytes_of_answer(&stage, "0018", usize::MAX).await).unwrap();
    let (head, body) = literal.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 102 "), "{head}");
    assert_eq!(serde_json::from_str::<Value>(body).unwrap()["payment"]["status"], "pending");
    assert_eq!(bytes_of_answer(&stage, "0023", usize::MAX).await, b"");
    let huge = bytes_of_answer(&stage, "0021", usize::MAX).await;
    assert!(huge.len() > 10 * 1024 * 1024);
    // The charge stands before the answer is held back; the one who asks goes away first.
    let (asking, booked) = (bytes_of_answer(&stage, "0010", usize::MAX), async {
        while stage.simulator.prompts(reference(9)).unwrap() < 4 {
            tokio::task::yield_now().await;
        }
    });
    tokio::select! {
        answer = asking => panic!("answered: {answer:?}"),
        () = booked => {}
    }
}

#[tokio::test]
async fn callbacks_come_too_often_too_early_forged_or_huge() {
    let stage = Stage::new().await;
    let token = stage.token().await;
    stage.collect(&token, reference(4), "0004").await.unwrap();
    assert_eq!(stage.merchant.got().len(), 1, "before the answer");
    stage.collect(&token, reference(5), "0005").await.unwrap();
    assert_eq!(stage.after(300).await, 3);
    for suffix in ["0025", "0026", "0027", "0028"] {
        stage.collect(&token, reference(6), suffix).await.unwrap();
    }
    stage.after(600).await;
    let got = stage.merchant.got();
    let [unsigned, forged, wrong_token, huge, success] = got.get(4..).unwrap() else {
        panic!("{} callbacks", got.len());
    };
    let signature = |callback: &crate::stage::Got| callback.headers.get("x-serdipay-signature").cloned();
    assert_eq!(signature(unsigned), None);
    assert!(signature(forged).is_some_and(|hex| hex.len() == 64));
    assert_eq!(wrong_token.path, "/callback/wrong");
    assert!(huge.body.len() > 10 * 1024 * 1024);
    assert_eq!(success.json()["payment"]["status"], "success");
}

#[tokio::test]
async fn what_is_not_accepted_is_sent_again_and_given_up_after_five_times() {
    let stage = Stage::new().await;
    let token = stage.token().await;
    stage.merchant.answer_with(503);
    stage.collect(&token, reference(1), "0000").await.unwrap();
    for (milliseconds, sent) in
        [(300, 1), (1_999, 1), (1, 2), (10_000, 3), (60_000, 4), (300_000, 5), (900_000, 5)]
    {
        assert_eq!(stage.after(milliseconds).await, 0);
        assert_eq!(stage.merchant.got().len(), sent);
    }
    assert!(stage.simulator.charges().unwrap()[0].callbacks[0].given_up);
}

#[tokio::test]
async fn a_restart_loses_neither_charges_nor_callbacks_but_all_tokens() {
    let mut stage = Stage::new().await;
    let token = stage.token().await;
    stage.collect(&token, reference(1), "0000").await.unwrap();
    stage.restart().await;
    assert_eq!(stage.simulator.prompts(reference(1)).unwrap(), 1);
    assert_eq!(stage.collect(&token, reference(1), "0000").await.unwrap().status, 401);
    assert_eq!(stage.after(300).await, 1);
    stage.restart().await;
    assert_eq!(stage.after(60_000).await, 0);
}

#[tokio::test]
async fn what_nobody_has_verified_is_off_until_it_is_asked_for() {
    let stage = Stage::new().await;
    let token = stage.token().await;
    let accepted = stage.collect(&token, reference(1), "0000").await.unwrap().json::<Value>().unwrap();
    let session = accepted["payment"]["sessionId"].as_str().unwrap();
    let url = format!("{}/merchant/transaction/{session}", stage.simulator.serdipay_url());
    let ask = async || {
        let request = Request::get(&url).header("authorization", &format!("Bearer {token}"));
        let reply = stage.send(request).await.unwrap();
        (reply.status, reply.json::<Value>().unwrap()["payment"]["status"].clone())
    };
    assert_eq!(ask().await.0, 404);
    stage.simulator.change(|behaviour| behaviour.serdipay.status_query = true);
    assert_eq!(ask().await, (200, json!("pending")));
    stage.after(300).await;
    assert_eq!(ask().await, (200, json!("success")));
}

#[tokio::test]
async fn callbacks_tell_neither_amount_nor_reference_when_told_not_to() {
    let stage = Stage::new().await;
    let token = stage.token().await;
    stage.simulator.change(|behaviour| {
        (behaviour.serdipay.tells_amount, behaviour.serdipay.echoes_reference) = (false, false);
    });
    stage.collect(&token, reference(1), "0000").await.unwrap();
    stage.after(300).await;
    let told = stage.merchant.got()[0].json();
    assert_eq!(told["payment"].get("amount"), None);
    assert_ne!(told["message"], json!(reference(1)));
}

#[tokio::test]
async fn a_gateway_that_is_down_cuts_every_connection() {
    let stage = Stage::new().await;
    let token = stage.token().await;
    stage.simulator.change(|behaviour| behaviour.down = true);
    let cut = stage.collect(&token, reference(1), "0000").await;
    assert!(matches!(cut, Err(SendError::Lost(_))), "{cut:?}");
    assert_eq!(stage.simulator.prompts(reference(1)).unwrap(), 0);
}
