//! A simulator with a world of its own, and a merchant's server that it calls back.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use chrono::Duration;
use kernel::{
    Ambient,
    testing::{TestClock, TestEntropy},
};
use outbound::{HttpClient, HttpSettings, Reply, Request, SendError};
use serde_json::{Value, json};
use simulators::payments::{Behaviour, Options, PaymentSimulator};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use uuid::Uuid;

/// A callback as the merchant's server got it.
#[derive(Debug, Clone)]
pub struct Got {
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What the merchant's server has got, and the status that it answers with.
#[derive(Default)]
pub struct Merchant {
    got: Mutex<Vec<Got>>,
    status: Mutex<u16>,
    came: Notify,
}

impl Merchant {
    /// A server that accepts callbacks, and its address.
    pub async fn start() -> (Arc<Self>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/callback", listener.local_addr().unwrap());
        let merchant = Arc::new(Self::default());
        merchant.answer_with(200);
        tokio::spawn(Arc::clone(&merchant).serve(listener));
        (merchant, url)
    }

    /// Waits for a callback.
    pub async fn next(&self) -> Got {
        self.came.notified().await;
        self.got().pop().unwrap()
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    pub fn answer_with(&self, status: u16) {
        *self.status.lock().unwrap() = status;
    }

    async fn serve(self: Arc<Self>, listener: TcpListener) {
        while let Ok((mut stream, _)) = listener.accept().await {
            let got = read(&mut stream).await;
            self.got.lock().unwrap().push(got);
            self.came.notify_one();
            let status = *self.status.lock().unwrap();
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }
}

async fn read(stream: &mut TcpStream) -> Got {
    let mut bytes = Vec::new();
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut request = httparse::Request::new(&mut headers);
        if let Ok(httparse::Status::Complete(head)) = request.parse(&bytes) {
            let named = |header: &httparse::Header| {
                (header.name.to_lowercase(), String::from_utf8(header.value.to_vec()).unwrap())
            };
            let headers: BTreeMap<_, _> = request.headers.iter().map(named).collect();
            let path = request.path.unwrap().to_owned();
            let length: usize = headers["content-length"].parse().unwrap();
            let mut body = bytes.split_off(head);
            while body.len() < length {
                assert!(stream.read_buf(&mut body).await.unwrap() > 0);
            }
            return Got { path, headers, body };
        }
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0);
    }
}

pub struct Stage {
    pub simulator: PaymentSimulator,
    pub merchant: Arc<Merchant>,
    pub merchant_url: String,
    clock: Arc<TestClock>,
    world: TempDir,
    client: HttpClient,
}

impl Stage {
    pub async fn new() -> Self {
        let (merchant, merchant_url) = Merchant::start().await;
        let (clock, world) = (Arc::new(TestClock::default()), tempfile::tempdir().unwrap());
        let simulator = start(&clock, &world, &merchant_url).await;
        let client = HttpClient::new(HttpSettings::default()).unwrap();
        Self { simulator, merchant, merchant_url, clock, world, client }
    }

    /// Ends the simulator and starts another on the same world.
    pub async fn restart(&mut self) {
        self.simulator = start(&self.clock, &self.world, &self.merchant_url).await;
    }

    /// Lets time pass, and what is due then happen.
    pub async fn after(&self, milliseconds: i64) -> usize {
        self.clock.advance(Duration::milliseconds(milliseconds));
        self.simulator.deliver_due().await.unwrap()
    }

    pub async fn send(&self, request: Request) -> Result<Reply, SendError> {
        self.client.send(request).await
    }

    pub async fn token(&self) -> String {
        let url = format!("{}/merchant/get-token", self.simulator.serdipay_url());
        let reply = self.send(Request::post(url, &json!({ "email": "e", "password": "p" }))).await.unwrap();
        reply.json::<Value>().unwrap()["access_token"].as_str().unwrap().to_owned()
    }

    /// Asks SerdiPay for 1000 CDF from the wallet whose number ends so.
    pub async fn collect(&self, token: &str, reference: Uuid, suffix: &str) -> Result<Reply, SendError> {
        let body = json!({
            "api_id": "1", "api_password": "p", "merchantCode": "m", "merchant_pin": "1234",
            "clientPhone": format!("24381234{suffix}"), "amount": 1000, "currency": "CDF", "telecom": "MP",
            "reference": reference, "message": reference,
        });
        let url = format!("{}/merchant/payment-merchant", self.simulator.serdipay_url());
        self.send(Request::post(url, &body).header("authorization", &format!("Bearer {token}"))).await
    }
}

async fn start(clock: &Arc<TestClock>, world: &TempDir, merchant_url: &str) -> PaymentSimulator {
    let mut behaviour = Behaviour::default();
    behaviour.serdipay.callback_url = Some(merchant_url.to_owned());
    behaviour.serdipay.callback_token = Some("path-token".to_owned());
    behaviour.serdipay.hmac_secret = Some("hmac-secret".to_owned());
    behaviour.pawapay.callback_url = Some(format!("{merchant_url}/pawapay"));
    behaviour.pawapay.signs = true;
    let options = Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        world: world.path().to_owned(),
        pawapay_key: None,
        ambient: Ambient::new(clock.clone(), Arc::new(TestEntropy::default())),
        behaviour,
    };
    PaymentSimulator::start(options).await.unwrap()
}

/// A reference that nothing else has.
pub fn reference(number: u128) -> Uuid {
    Uuid::from_u128(0xafb5_7b93_7849_49aa_babb_0000_0000_0000 + number)
}
